# SPDX-License-Identifier: MIT
lib_libcommon_a_SOURCES += \
	lib/json/get.c \
	lib/json/get.h \
	lib/json/jsonfile.c \
	lib/json/jsonfile.h \
	lib/json/jsonpos.c \
	lib/json/jsonpos.h \
	lib/json/jsonread.c \
	lib/json/jsonread.h \
	lib/json/jsontext.c \
	lib/json/jsontext.h \
	lib/json/put.c \
	lib/json/put.h \
	lib/json/write.c \
	lib/json/write.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/json/t_jsonread \
	tests/unit/json/t_jsontext \
	tests/unit/json/t_write
endif
