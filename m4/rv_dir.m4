dnl SPDX-License-Identifier: MIT
dnl RV_DIR(NAME, DEFAULT, WHAT)
dnl --with-NAME=DIR: where WHAT goes; sets NAME, and the conditional WITH_NAME,
dnl which is false after --without-NAME.
AC_DEFUN([RV_DIR], [
  AC_ARG_WITH([$1],
    [AS_HELP_STRING([--with-$1=DIR], [where $3 go @<:@$2@:>@])],
    [], [with_$1=yes])
  AS_IF([test "x$with_$1" = xyes], [with_$1='$2'])
  AM_CONDITIONAL([WITH_]m4_toupper([$1]), [test "x$with_$1" != xno])
  AC_SUBST([$1], [$with_$1])
])
