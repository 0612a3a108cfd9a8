# SPDX-License-Identifier: MIT
# What tests call stands in the library.
maild_libmaild_a_SOURCES += \
	maild/maildctl/story.c \
	maild/maildctl/story.h \
	maild/maildctl/table.c \
	maild/maildctl/table.h \
	maild/maildctl/time.c \
	maild/maildctl/time.h
maild_maildctl_maildctl_SOURCES += \
	maild/maildctl/change.c \
	maild/maildctl/enqueue.c \
	maild/maildctl/explain.c \
	maild/maildctl/judge.c \
	maild/maildctl/list.c \
	maild/maildctl/maildctl.h \
	maild/maildctl/main.c \
	maild/maildctl/pause.c \
	maild/maildctl/record.c \
	maild/maildctl/record.h \
	maild/maildctl/show.c \
	maild/maildctl/snapshot.c \
	maild/maildctl/snapshot.h \
	maild/maildctl/status.c \
	maild/maildctl/talk.c \
	maild/maildctl/templates.c \
	maild/maildctl/top.c

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/maildctl/t_ctl_text
endif
