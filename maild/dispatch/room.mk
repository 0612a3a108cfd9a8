# SPDX-License-Identifier: MIT
maild_libmaild_a_SOURCES += \
	maild/dispatch/dispatcher.c \
	maild/dispatch/dispatcher.h \
	maild/dispatch/herald.c \
	maild/dispatch/herald.h \
	maild/dispatch/overdue.c \
	maild/dispatch/overdue.h \
	maild/dispatch/peers.c \
	maild/dispatch/peers.h \
	maild/dispatch/status.c \
	maild/dispatch/status.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/dispatch/t_overdue
endif
