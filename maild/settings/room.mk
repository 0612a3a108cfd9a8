# SPDX-License-Identifier: MIT
maild_libmaild_a_SOURCES += \
	maild/settings/mailconf.c \
	maild/settings/mailconf.h \
	maild/settings/relayconf.c \
	maild/settings/relayconf.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/settings/t_relayconf
endif
