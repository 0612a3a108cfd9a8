# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/form/charset.c \
	fcgi-app/form/form.c \
	fcgi-app/form/form.h \
	fcgi-app/form/form_json.c

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/form/t_form
endif
