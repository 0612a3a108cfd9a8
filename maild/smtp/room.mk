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
	maild/smtp/prelude.c \
	maild/smtp/prelude.h \
	maild/smtp/reply.c \
	maild/smtp/reply.h \
	maild/smtp/sasl.c \
	maild/smtp/sasl.h \
	maild/smtp/sender.c \
	maild/smtp/sender.h \
	maild/smtp/stages.c \
	maild/smtp/stages.h \
	maild/smtp/talk.c \
	maild/smtp/talk.h \
	maild/smtp/tls.c \
	maild/smtp/tls.h \
	maild/smtp/tunnel.c \
	maild/smtp/tunnel.h \
	maild/smtp/wire.c \
	maild/smtp/wire.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/smtp/t_dial \
	tests/unit/smtp/t_lookup \
	tests/unit/smtp/t_outcome \
	tests/unit/smtp/t_prelude \
	tests/unit/smtp/t_reply \
	tests/unit/smtp/t_stages \
	tests/unit/smtp/t_talk \
	tests/unit/smtp/t_tunnel
tests_unit_smtp_t_dial_SOURCES = tests/unit/smtp/t_dial.c tests/unit/smtp/addresses.h
tests_unit_smtp_t_lookup_SOURCES = tests/unit/smtp/t_lookup.c tests/unit/smtp/addresses.h
tests_unit_smtp_t_prelude_SOURCES = tests/unit/smtp/t_prelude.c tests/unit/smtp/peer.h
tests_unit_smtp_t_prelude_CPPFLAGS = $(AM_CPPFLAGS) $(SSL_CFLAGS)
tests_unit_smtp_t_tunnel_SOURCES = tests/unit/smtp/t_tunnel.c tests/unit/smtp/peer.h
tests_unit_smtp_t_tunnel_CPPFLAGS = $(AM_CPPFLAGS) $(SSL_CFLAGS)
endif
