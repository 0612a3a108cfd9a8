# SPDX-License-Identifier: MIT
maild_libmaild_a_SOURCES += \
	maild/policy/advice.c \
	maild/policy/advice.h \
	maild/policy/backoff.c \
	maild/policy/backoff.h \
	maild/policy/breaker.c \
	maild/policy/breaker.h \
	maild/policy/pace.c \
	maild/policy/pace.h \
	maild/policy/storm.c \
	maild/policy/storm.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/policy/t_backoff \
	tests/unit/policy/t_relay_limits \
	tests/unit/policy/t_storm
endif
