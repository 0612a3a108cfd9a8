dnl SPDX-License-Identifier: MIT
dnl RV_MYSQL
dnl Finds a MySQL client library: Oracle's or MariaDB's, by pkg-config, else by
dnl mysql_config or mariadb_config.  Sets MYSQL_CFLAGS and MYSQL_LIBS.
dnl The header's version number is never compared: MariaDB's 10.11 and MySQL's 9
dnl both call themselves newer than 8.
AC_DEFUN([RV_MYSQL], [
  AC_ARG_WITH([mysql],
    [AS_HELP_STRING([--with-mysql=LIB],
      [auto, mysqlclient or mariadb @<:@auto@:>@])],
    [], [with_mysql=auto])
  rv_mysql=no
  AS_CASE([$with_mysql],
    [auto], [rv_mysql_try="mysqlclient libmariadb mariadb"],
    [mysqlclient], [rv_mysql_try="mysqlclient"],
    [mariadb], [rv_mysql_try="libmariadb mariadb"],
    [AC_MSG_ERROR([--with-mysql takes auto, mysqlclient or mariadb])])
  for rv_module in $rv_mysql_try; do
    AS_IF([test $rv_mysql = no], [
      AC_MSG_CHECKING([for $rv_module by pkg-config])
      AS_IF([$PKG_CONFIG --exists $rv_module], [
        rv_mysql=$rv_module
        MYSQL_CFLAGS=`$PKG_CONFIG --cflags $rv_module`
        MYSQL_LIBS=`$PKG_CONFIG --libs $rv_module`
        AC_MSG_RESULT([yes])
      ], [AC_MSG_RESULT([no])])
    ])
  done
  AS_IF([test $rv_mysql = no && test "x$with_mysql" != xmariadb],
    [AC_PATH_PROGS([RV_MYSQL_CONFIG], [mysql_config])])
  AS_IF([test $rv_mysql = no && test "x$RV_MYSQL_CONFIG" = x],
    [AC_PATH_PROGS([RV_MYSQL_CONFIG], [mariadb_config])])
  AS_IF([test $rv_mysql = no && test "x$RV_MYSQL_CONFIG" != x], [
    rv_mysql=$RV_MYSQL_CONFIG
    MYSQL_CFLAGS=`$RV_MYSQL_CONFIG --include`
    MYSQL_LIBS=`$RV_MYSQL_CONFIG --libs`
  ])
  AS_IF([test $rv_mysql = no], [
    AC_MSG_ERROR([no MySQL client library was found (mysqlclient, libmariadb); on Debian: apt-get install libmariadb-dev])
  ])
  rv_save_CFLAGS=$CFLAGS
  rv_save_LIBS=$LIBS
  CFLAGS="$CFLAGS $MYSQL_CFLAGS"
  LIBS="$MYSQL_LIBS $LIBS"
  AC_MSG_CHECKING([whether $rv_mysql links])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <mysql.h>]],
    [[MYSQL_STMT *s = mysql_stmt_init((MYSQL *)0);
      return mysql_stmt_prepare(s, "", 0);]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_FAILURE([the MySQL client library $rv_mysql cannot be used])])
  CFLAGS=$rv_save_CFLAGS
  LIBS=$rv_save_LIBS
  AC_SUBST([MYSQL_CFLAGS])
  AC_SUBST([MYSQL_LIBS])
])
