# SPDX-License-Identifier: MIT
maild_libmaild_a_SOURCES += \
	maild/bounce/returnpath.c \
	maild/bounce/returnpath.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/bounce/t_returnpath
endif
