# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/site/appconf.c \
	fcgi-app/site/appconf.h \
	fcgi-app/site/palette.c \
	fcgi-app/site/palette.h \
	fcgi-app/site/site.c \
	fcgi-app/site/site.h \
	fcgi-app/site/templates.c \
	fcgi-app/site/templates.h \
	fcgi-app/site/texts_check.c \
	fcgi-app/site/texts_check.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/site/t_page_templates \
	tests/unit/site/t_palette \
	tests/unit/site/t_texts
endif
