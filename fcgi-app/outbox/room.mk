# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/outbox/calendar.c \
	fcgi-app/outbox/calendar.h \
	fcgi-app/outbox/clockwatch.c \
	fcgi-app/outbox/clockwatch.h \
	fcgi-app/outbox/digest.c \
	fcgi-app/outbox/digest.h \
	fcgi-app/outbox/mailstate.c \
	fcgi-app/outbox/mailstate.h \
	fcgi-app/outbox/notification.c \
	fcgi-app/outbox/notification.h \
	fcgi-app/outbox/publish.c \
	fcgi-app/outbox/publish.h \
	fcgi-app/outbox/quota.c \
	fcgi-app/outbox/quota.h \
	fcgi-app/outbox/relay.c \
	fcgi-app/outbox/relay.h \
	fcgi-app/outbox/relay_step.c \
	fcgi-app/outbox/relay_step.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/outbox/t_digest \
	tests/unit/outbox/t_mailstate \
	tests/unit/outbox/t_notification \
	tests/unit/outbox/t_relay_step
endif
