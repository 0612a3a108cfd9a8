# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/http/origin.c \
	fcgi-app/http/origin.h \
	fcgi-app/http/reply.c \
	fcgi-app/http/reply.h \
	fcgi-app/http/request.c \
	fcgi-app/http/request.h \
	fcgi-app/http/routes.c \
	fcgi-app/http/routes.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/http/t_origin \
	tests/unit/http/t_request \
	tests/unit/http/t_routes
endif
