# SPDX-License-Identifier: MIT
lib_libcommon_a_SOURCES += \
	lib/queue/dispatch.c \
	lib/queue/dispatch.h \
	lib/queue/envelope.c \
	lib/queue/envelope.h \
	lib/queue/fate.c \
	lib/queue/fate.h \
	lib/queue/figures.c \
	lib/queue/figures.h \
	lib/queue/keys.c \
	lib/queue/keys.h \
	lib/queue/list.c \
	lib/queue/operate.c \
	lib/queue/operate.h \
	lib/queue/produce.c \
	lib/queue/produce.h \
	lib/queue/queue.h \
	lib/queue/record.c \
	lib/queue/watch.c \
	lib/queue/work.c \
	lib/queue/work.h

include lib/queue/lua/room.mk

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/queue/t_envelope \
	tests/unit/queue/t_queue
endif
