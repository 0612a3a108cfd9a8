# SPDX-License-Identifier: MIT
lib_libcommon_a_SOURCES += \
	lib/queue/dispatch.c \
	lib/queue/envelope.c \
	lib/queue/envelope.h \
	lib/queue/figures.c \
	lib/queue/figures.h \
	lib/queue/keys.h \
	lib/queue/kind.c \
	lib/queue/list.c \
	lib/queue/operate.c \
	lib/queue/operate.h \
	lib/queue/places.c \
	lib/queue/places.h \
	lib/queue/queue.c \
	lib/queue/queue.h \
	lib/queue/record.c \
	lib/queue/status.c \
	lib/queue/verdict.c \
	lib/queue/watch.c \
	lib/queue/work.c

include lib/queue/lua/room.mk

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/queue/t_envelope \
	tests/unit/queue/t_queue
endif
