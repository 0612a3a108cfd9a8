# SPDX-License-Identifier: MIT
maild_libmaild_a_SOURCES += \
	maild/delivery/delivery.c \
	maild/delivery/delivery.h \
	maild/delivery/job.c \
	maild/delivery/job.h \
	maild/delivery/relays.c \
	maild/delivery/relays.h \
	maild/delivery/settle.c \
	maild/delivery/settle.h \
	maild/delivery/tokens.c \
	maild/delivery/tokens.h \
	maild/delivery/worker.c \
	maild/delivery/worker.h
