# SPDX-License-Identifier: MIT
lib_libcommon_a_SOURCES += \
	lib/redis/cluster.c \
	lib/redis/group.c \
	lib/redis/impl.h \
	lib/redis/rconn.c \
	lib/redis/rconn.h \
	lib/redis/redisconf.c \
	lib/redis/redisconf.h \
	lib/redis/sentinel.c \
	lib/redis/tls.c \
	lib/redis/wire.c

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/redis/t_rconn
endif
