# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/domain/address.c \
	fcgi-app/domain/address.h \
	fcgi-app/domain/answers.c \
	fcgi-app/domain/answers.h \
	fcgi-app/domain/bearer.c \
	fcgi-app/domain/bearer.h \
	fcgi-app/domain/booking.c \
	fcgi-app/domain/booking.h \
	fcgi-app/domain/fields.c \
	fcgi-app/domain/fields.h \
	fcgi-app/domain/idempotency.c \
	fcgi-app/domain/idempotency.h \
	fcgi-app/domain/model.c \
	fcgi-app/domain/model.h \
	fcgi-app/domain/month.c \
	fcgi-app/domain/month.h \
	fcgi-app/domain/namekey.c \
	fcgi-app/domain/namekey.h \
	fcgi-app/domain/offer.c \
	fcgi-app/domain/offer.h \
	fcgi-app/domain/openings.c \
	fcgi-app/domain/openings.h \
	fcgi-app/domain/phone.c \
	fcgi-app/domain/phone.h \
	fcgi-app/domain/plan.c \
	fcgi-app/domain/plan.h \
	fcgi-app/domain/question.c \
	fcgi-app/domain/question.h \
	fcgi-app/domain/refusal.c \
	fcgi-app/domain/refusal.h \
	fcgi-app/domain/service.c \
	fcgi-app/domain/service.h \
	fcgi-app/domain/sha.c \
	fcgi-app/domain/sha.h \
	fcgi-app/domain/slot.c \
	fcgi-app/domain/slot.h \
	fcgi-app/domain/stamp.c \
	fcgi-app/domain/stamp.h \
	fcgi-app/domain/token.c \
	fcgi-app/domain/token.h \
	fcgi-app/domain/when.c \
	fcgi-app/domain/when.h \
	fcgi-app/domain/words.c \
	fcgi-app/domain/words.h \
	fcgi-app/domain/zone.c \
	fcgi-app/domain/zone.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/domain/t_address \
	tests/unit/domain/t_answers \
	tests/unit/domain/t_bearer \
	tests/unit/domain/t_booking \
	tests/unit/domain/t_fields \
	tests/unit/domain/t_month \
	tests/unit/domain/t_namekey \
	tests/unit/domain/t_offer \
	tests/unit/domain/t_openings \
	tests/unit/domain/t_phone \
	tests/unit/domain/t_question \
	tests/unit/domain/t_service_form \
	tests/unit/domain/t_sha \
	tests/unit/domain/t_slot_form \
	tests/unit/domain/t_stamp \
	tests/unit/domain/t_token \
	tests/unit/domain/t_words \
	tests/unit/domain/t_zone
endif
