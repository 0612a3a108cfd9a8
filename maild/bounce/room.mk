# SPDX-License-Identifier: MIT
maild_libmaild_a_SOURCES += \
	maild/bounce/fields.c \
	maild/bounce/fields.h \
	maild/bounce/keep.c \
	maild/bounce/keep.h \
	maild/bounce/notice.c \
	maild/bounce/notice.h \
	maild/bounce/report.c \
	maild/bounce/report.h \
	maild/bounce/returnpath.c \
	maild/bounce/returnpath.h \
	maild/bounce/trace.c \
	maild/bounce/trace.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/bounce/t_report \
	tests/unit/bounce/t_returnpath \
	tests/unit/bounce/t_trace
endif
