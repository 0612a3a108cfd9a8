# SPDX-License-Identifier: MIT
fcgi_app_bookctl_bookctl_SOURCES += \
	fcgi-app/bookctl/bookctl.h \
	fcgi-app/bookctl/booking.c \
	fcgi-app/bookctl/doctor.c \
	fcgi-app/bookctl/feed.c \
	fcgi-app/bookctl/form.c \
	fcgi-app/bookctl/key.c \
	fcgi-app/bookctl/lists.c \
	fcgi-app/bookctl/main.c \
	fcgi-app/bookctl/migrate.c \
	fcgi-app/bookctl/question.c \
	fcgi-app/bookctl/realign.c \
	fcgi-app/bookctl/report.c \
	fcgi-app/bookctl/sample.c \
	fcgi-app/bookctl/service.c \
	fcgi-app/bookctl/slots.c \
	fcgi-app/bookctl/templates.c \
	fcgi-app/bookctl/waiting.c
