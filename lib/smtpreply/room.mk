# SPDX-License-Identifier: MIT
lib_libcommon_a_SOURCES += \
	lib/smtpreply/answer.c \
	lib/smtpreply/answer.h \
	lib/smtpreply/impl.h \
	lib/smtpreply/rules_limit.c \
	lib/smtpreply/rules_refusal.c \
	lib/smtpreply/text.c \
	lib/smtpreply/words.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/smtpreply/t_answer \
	tests/unit/smtpreply/t_answer_files
endif
EXTRA_DIST += \
	tests/unit/smtpreply/answers-more.tsv \
	tests/unit/smtpreply/answers-third.tsv \
	tests/unit/smtpreply/answers.tsv
