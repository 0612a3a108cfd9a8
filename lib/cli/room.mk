# SPDX-License-Identifier: MIT
lib_libcommon_a_SOURCES += \
	lib/cli/cli.c \
	lib/cli/cli.h \
	lib/cli/help.c \
	lib/cli/help.h \
	lib/cli/progress.c \
	lib/cli/progress.h \
	lib/cli/synopsis.c \
	lib/cli/synopsis.h \
	lib/cli/table.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/cli/t_cli \
	tests/unit/cli/t_progress \
	tests/unit/cli/t_synopsis
endif
