# SPDX-License-Identifier: MIT
lib_libcommon_a_SOURCES += \
	lib/daemon/alert.c \
	lib/daemon/alert.h \
	lib/daemon/alert_reader.c \
	lib/daemon/alert_reader.h \
	lib/daemon/alert_run.c \
	lib/daemon/alert_run.h \
	lib/daemon/command.c \
	lib/daemon/command.h \
	lib/daemon/daemon.c \
	lib/daemon/daemon.h \
	lib/daemon/fence.c \
	lib/daemon/fence.h \
	lib/daemon/fenceconf.h \
	lib/daemon/listener.c \
	lib/daemon/listener.h \
	lib/daemon/mark.c \
	lib/daemon/mark.h \
	lib/daemon/names.c \
	lib/daemon/names.h \
	lib/daemon/outage.c \
	lib/daemon/outage.h \
	lib/daemon/prefork.c \
	lib/daemon/prefork.h \
	lib/daemon/startup.c \
	lib/daemon/startup.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/daemon/t_alert \
	tests/unit/daemon/t_command \
	tests/unit/daemon/t_fence \
	tests/unit/daemon/t_outage \
	tests/unit/daemon/t_title
endif
