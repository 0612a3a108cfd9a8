# SPDX-License-Identifier: MIT
maild_libmaild_a_SOURCES += \
	maild/compose/compose.c \
	maild/compose/compose.h \
	maild/compose/mime.c \
	maild/compose/mime.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/compose/t_compose \
	tests/unit/compose/t_compose_faults \
	tests/unit/compose/t_composer \
	tests/unit/compose/t_mime
endif
