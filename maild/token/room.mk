# SPDX-License-Identifier: MIT
maild_libmaild_a_SOURCES += \
	maild/token/answer.c \
	maild/token/answer.h \
	maild/token/helper.c \
	maild/token/helper.h \
	maild/token/keeper.c \
	maild/token/keeper.h \
	maild/token/plan.c \
	maild/token/plan.h \
	maild/token/source.c \
	maild/token/source.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/token/t_token_answer \
	tests/unit/token/t_token_helper \
	tests/unit/token/t_token_keeper \
	tests/unit/token/t_token_plan
endif
