# SPDX-License-Identifier: MIT
maild_libmaild_a_SOURCES += \
	maild/smtp/dial.c \
	maild/smtp/dial.h \
	maild/smtp/handover.c \
	maild/smtp/handover.h \
	maild/smtp/impl.h \
	maild/smtp/knock.c \
	maild/smtp/knock.h \
	maild/smtp/lookup.c \
	maild/smtp/lookup.h \
	maild/smtp/marks.c \
	maild/smtp/marks.h \
	maild/smtp/message.c \
	maild/smtp/outcome.c \
	maild/smtp/outcome.h \
	maild/smtp/sender.c \
	maild/smtp/sender.h \
	maild/smtp/stages.c \
	maild/smtp/stages.h \
	maild/smtp/talk.c \
	maild/smtp/talk.h \
	maild/smtp/tls.c

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/smtp/t_dial \
	tests/unit/smtp/t_lookup \
	tests/unit/smtp/t_outcome \
	tests/unit/smtp/t_stages \
	tests/unit/smtp/t_talk
tests_unit_smtp_t_dial_SOURCES = tests/unit/smtp/t_dial.c tests/unit/smtp/addresses.h
tests_unit_smtp_t_lookup_SOURCES = tests/unit/smtp/t_lookup.c tests/unit/smtp/addresses.h
endif
