# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/actions/change.c \
	fcgi-app/actions/change.h \
	fcgi-app/actions/export.c \
	fcgi-app/actions/export.h \
	fcgi-app/actions/feed.c \
	fcgi-app/actions/feed.h \
	fcgi-app/actions/json.c \
	fcgi-app/actions/json.h \
	fcgi-app/actions/mails.c \
	fcgi-app/actions/mails.h \
	fcgi-app/actions/once.c \
	fcgi-app/actions/once.h \
	fcgi-app/actions/question.c \
	fcgi-app/actions/question.h \
	fcgi-app/actions/reserve.c \
	fcgi-app/actions/reserve.h \
	fcgi-app/actions/seek.c \
	fcgi-app/actions/seek.h \
	fcgi-app/actions/span.c \
	fcgi-app/actions/span.h \
	fcgi-app/actions/stats.c \
	fcgi-app/actions/stats.h \
	fcgi-app/actions/story.c \
	fcgi-app/actions/story.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/actions/t_change \
	tests/unit/actions/t_csv \
	tests/unit/actions/t_feed
endif
