# SPDX-License-Identifier: MIT
lib_libcommon_a_SOURCES += \
	lib/base/alloc.c \
	lib/base/alloc.h \
	lib/base/banned.h \
	lib/base/buf.c \
	lib/base/buf.h \
	lib/base/compiler.h \
	lib/base/crashpoint.c \
	lib/base/crashpoint.h \
	lib/base/dir.c \
	lib/base/dir.h \
	lib/base/fault.c \
	lib/base/fault.h \
	lib/base/fdio.c \
	lib/base/fdio.h \
	lib/base/logger.c \
	lib/base/logger.h \
	lib/base/logsink.c \
	lib/base/logsink.h \
	lib/base/logsyslog.c \
	lib/base/logsyslog.h \
	lib/base/str.c \
	lib/base/str.h \
	lib/base/ticks.c \
	lib/base/ticks.h \
	lib/base/utext.c \
	lib/base/utext.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/base/t_fdio \
	tests/unit/base/t_logger \
	tests/unit/base/t_logsink \
	tests/unit/base/t_str \
	tests/unit/base/t_utext
endif
