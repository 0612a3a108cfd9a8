# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/metrics/health.c \
	fcgi-app/metrics/health.h \
	fcgi-app/metrics/metrics.c \
	fcgi-app/metrics/metrics.h \
	fcgi-app/metrics/page.c \
	fcgi-app/metrics/page.h \
	fcgi-app/metrics/promtext.c \
	fcgi-app/metrics/promtext.h \
	fcgi-app/metrics/queue.c \
	fcgi-app/metrics/queue.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/metrics/t_metrics
endif
