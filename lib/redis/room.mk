# SPDX-License-Identifier: MIT
lib_libcommon_a_SOURCES += \
	lib/redis/impl.h \
	lib/redis/open.c \
	lib/redis/rconn.c \
	lib/redis/rconn.h \
	lib/redis/reply.c \
	lib/redis/sentinel.c

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/redis/t_rconn
endif
