# SPDX-License-Identifier: MIT
lib_libcommon_a_SOURCES += \
	lib/conf/check.c \
	lib/conf/check.h \
	lib/conf/conf.c \
	lib/conf/conf.h \
	lib/conf/file.c \
	lib/conf/impl.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/conf/t_check \
	tests/unit/conf/t_conf
endif
