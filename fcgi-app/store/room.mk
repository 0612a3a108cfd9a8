# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/store/add.c \
	fcgi-app/store/admin.c \
	fcgi-app/store/admin.h \
	fcgi-app/store/book.c \
	fcgi-app/store/bookings.c \
	fcgi-app/store/change.c \
	fcgi-app/store/change.h \
	fcgi-app/store/digest.c \
	fcgi-app/store/digest.h \
	fcgi-app/store/doctor.c \
	fcgi-app/store/doctor.h \
	fcgi-app/store/due.c \
	fcgi-app/store/erase.c \
	fcgi-app/store/feeds.c \
	fcgi-app/store/feeds.h \
	fcgi-app/store/figures.c \
	fcgi-app/store/figures.h \
	fcgi-app/store/formkeys.c \
	fcgi-app/store/formkeys.h \
	fcgi-app/store/full.c \
	fcgi-app/store/impl.h \
	fcgi-app/store/keys.c \
	fcgi-app/store/keys.h \
	fcgi-app/store/mails.c \
	fcgi-app/store/names.c \
	fcgi-app/store/names.h \
	fcgi-app/store/offers.c \
	fcgi-app/store/outbox.c \
	fcgi-app/store/people.c \
	fcgi-app/store/plan.c \
	fcgi-app/store/plan.h \
	fcgi-app/store/rights.c \
	fcgi-app/store/stock.c \
	fcgi-app/store/store.c \
	fcgi-app/store/store.h \
	fcgi-app/store/waiting.c
