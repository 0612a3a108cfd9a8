#!/bin/sh
# SPDX-License-Identifier: MIT
# What everyday's compiler and library do not say: clang over the whole tree,
# and the database's module against the API of Oracle's libmysqlclient, whose
# header stands in here (mysqlclient/mysql.h); ./dev package source takes the
# real one.
#
# usage: compile.sh TREE       a build tree, such as build/asan
# One line a check, "ok - what" or "not ok - what"; status 1 if one failed.
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
tree=$(readlink -f -- "$1")
cd "${here%/tests/*}"
status=0

# Words of the tree's Makefile: the warnings and where its libraries are.
made()
{
	for name in "$@"; do
		sed -n "s/^$name = //p" "$tree/Makefile"
	done
}

options=$(mktemp)
trap 'rm -f "$options"' EXIT
cat >"$options" <<END
-std=gnu11 -fsyntax-only -Werror -Ilib -Ifcgi-app -Imaild -I$tree -I$tree/lib
-DSYSCONFDIR='""' -DRUNSTATEDIR='""' -DLOCALSTATEDIR='""' -DPKGDATADIR='""'
-DTEST_SRCDIR='""'
$(made WARN_CFLAGS FCGI_CFLAGS HIREDIS_CFLAGS JSONC_CFLAGS ESMTP_CFLAGS \
	GMIME_CFLAGS IDN2_CFLAGS CRYPTO_CFLAGS SSL_CFLAGS CMOCKA_CFLAGS)
END

# compiles WHAT COMPILER OPTION ... : reads the files' names.
compiles()
{
	what=$1
	shift
	if said=$(xargs -n 8 -P "$(nproc)" "$@" 2>&1); then
		echo "ok - $what"
	else
		echo "$said" | sed 's/^/    /'
		echo "not ok - $what"
		status=1
	fi
}

# shellcheck disable=SC2046 # several options
find lib fcgi-app maild tests/unit tests/fuzz tests/tools -name '*.c' |
	compiles 'clang has nothing to say' \
		clang -Wno-unknown-warning-option "@$options" \
		$(made MYSQL_CFLAGS)
for compiler in gcc 'clang -Wno-unknown-warning-option'; do
	# shellcheck disable=SC2086 # several options
	grep -lr '"db/impl.h"\|<mysql.h>' fcgi-app --include='*.c' |
		compiles "the API of libmysqlclient, by ${compiler%% *}" \
			$compiler -isystem "$here/mysqlclient" "@$options"
done
exit "$status"
