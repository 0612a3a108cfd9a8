# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/pages/book.c \
	fcgi-app/pages/booking.c \
	fcgi-app/pages/change.c \
	fcgi-app/pages/change.h \
	fcgi-app/pages/colours.c \
	fcgi-app/pages/feed.c \
	fcgi-app/pages/find.c \
	fcgi-app/pages/foreign.c \
	fcgi-app/pages/framed.c \
	fcgi-app/pages/form.c \
	fcgi-app/pages/form.h \
	fcgi-app/pages/held.c \
	fcgi-app/pages/held.h \
	fcgi-app/pages/move.c \
	fcgi-app/pages/pages.c \
	fcgi-app/pages/pages.h \
	fcgi-app/pages/questions.c \
	fcgi-app/pages/questions.h \
	fcgi-app/pages/visit.c \
	fcgi-app/pages/visit.h \
	fcgi-app/pages/waiting.c
