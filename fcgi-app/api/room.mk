# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/api/access.c \
	fcgi-app/api/access.h \
	fcgi-app/api/api.h \
	fcgi-app/api/book.c \
	fcgi-app/api/change.c \
	fcgi-app/api/lists.c \
	fcgi-app/api/questions.c \
	fcgi-app/api/services.c \
	fcgi-app/api/slots.c \
	fcgi-app/api/values.c \
	fcgi-app/api/waiting.c \
	fcgi-app/api/values.h
