# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/answer/asked.c \
	fcgi-app/answer/asked.h \
	fcgi-app/answer/days.c \
	fcgi-app/answer/days.h \
	fcgi-app/answer/etag.c \
	fcgi-app/answer/etag.h \
	fcgi-app/answer/fail.c \
	fcgi-app/answer/fail.h \
	fcgi-app/answer/foreign.c \
	fcgi-app/answer/foreign.h \
	fcgi-app/answer/month.c \
	fcgi-app/answer/month.h \
	fcgi-app/answer/open.c \
	fcgi-app/answer/open.h \
	fcgi-app/answer/render.c \
	fcgi-app/answer/render.h \
	fcgi-app/answer/times.c \
	fcgi-app/answer/times.h
