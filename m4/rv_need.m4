dnl SPDX-License-Identifier: MIT
dnl RV_NEED(PREFIX, MODULE, DEBIAN-PACKAGE)
dnl Finds a library by pkg-config or says which Debian package has it.
AC_DEFUN([RV_NEED], [
  PKG_CHECK_MODULES([$1], [$2], [], [
    AC_MSG_ERROR([$2 was not found by pkg-config; on Debian: apt-get install $3])
  ])
])
