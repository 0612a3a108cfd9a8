dnl SPDX-License-Identifier: MIT
dnl RV_JSONC_READS
dnl Tries, with JSONC_CFLAGS and JSONC_LIBS, that json-c reads what is not ASCII
dnl as lib/json/jsonread.c asks it to: 0.18 does not when it is told to be strict,
dnl and what no name can be written with shall be known before the first start.
dnl Nothing can be run when cross-compiling; "make check" asks again.
AC_DEFUN([RV_JSONC_READS], [
  rv_save_CFLAGS=$CFLAGS
  rv_save_LIBS=$LIBS
  CFLAGS="$CFLAGS $JSONC_CFLAGS"
  LIBS="$JSONC_LIBS $LIBS"
  AC_MSG_CHECKING([whether json-c reads more than ASCII])
  AC_RUN_IFELSE([AC_LANG_PROGRAM([[
#include <string.h>
#include <json-c/json.h>
]], [[
    static const char text[] = "\303\251 \342\202\254 \360\237\230\200";
    struct json_object *o;
    o = json_tokener_parse("\"\303\251 \342\202\254 \360\237\230\200\"");
    return !o || strcmp(json_object_get_string(o), text) != 0;
  ]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
      AC_MSG_ERROR([this json-c refuses letters that are not ASCII])],
    [AC_MSG_RESULT([cannot be tried here: taken for granted])])
  CFLAGS=$rv_save_CFLAGS
  LIBS=$rv_save_LIBS
])
