# SPDX-License-Identifier: MIT
lib_libcommon_a_SOURCES += \
	lib/text/catalogue.c \
	lib/text/catalogue.h \
	lib/text/ics.c \
	lib/text/ics.h \
	lib/text/lang.c \
	lib/text/lang.h \
	lib/text/lang_calendar.c \
	lib/text/lang_check.c \
	lib/text/lang_impl.h \
	lib/text/lang_zone.c \
	lib/text/mailsample.c \
	lib/text/mailsample.h \
	lib/text/mailtemplate.c \
	lib/text/mailtemplate.h \
	lib/text/mustache.c \
	lib/text/mustache.h \
	lib/text/mustache_code.c \
	lib/text/mustache_code.h \
	lib/text/plural.c \
	lib/text/plural.h \
	lib/text/reporter.h \
	lib/text/templatedir.c \
	lib/text/templatedir.h \
	lib/text/templatefile.c \
	lib/text/templatefile.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/text/t_ics \
	tests/unit/text/t_lang \
	tests/unit/text/t_lang_files \
	tests/unit/text/t_mailtemplate \
	tests/unit/text/t_mustache \
	tests/unit/text/t_plural
endif
