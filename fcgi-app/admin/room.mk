# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/admin/admin.c \
	fcgi-app/admin/admin.h \
	fcgi-app/admin/ask.c \
	fcgi-app/admin/ask.h \
	fcgi-app/admin/booking.c \
	fcgi-app/admin/embed.c \
	fcgi-app/admin/embed.h \
	fcgi-app/admin/export.c \
	fcgi-app/admin/feeds.c \
	fcgi-app/admin/form.c \
	fcgi-app/admin/form.h \
	fcgi-app/admin/line.c \
	fcgi-app/admin/mails.c \
	fcgi-app/admin/plan.c \
	fcgi-app/admin/questions.c \
	fcgi-app/admin/questions.h \
	fcgi-app/admin/services.c \
	fcgi-app/admin/slots.c \
	fcgi-app/admin/templates.c \
	fcgi-app/admin/today.c \
	fcgi-app/admin/waiting.c \
	fcgi-app/admin/words.c
