# SPDX-License-Identifier: MIT
maild_libmaild_a_SOURCES += \
	maild/state/journal.c \
	maild/state/journal.h \
	maild/state/replay.c \
	maild/state/replay.h \
	maild/state/scoreboard.c \
	maild/state/scoreboard.h \
	maild/state/sharedtoken.c \
	maild/state/sharedtoken.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/state/t_journal \
	tests/unit/state/t_scoreboard \
	tests/unit/state/t_sharedtoken
endif
