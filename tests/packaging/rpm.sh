#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the RPM packages by Debian's rpmbuild, whose database knows none of
# the libraries: --nodeps.  Every installed file must be in a list.
#
# usage: rpm.sh DIRECTORY
set -eu

self=$(readlink -f -- "$0")
top=${self%/tests/*}
mkdir -p "$1"
work=$(readlink -f -- "$1")

rm -rf "$work/rpm"
mkdir -p "$work/rpm/SOURCES"
make -s -C "$top/build/release" dist >"$work/rpm-dist.log" 2>&1
mv "$top"/build/release/reservoir-*.tar.xz "$work/rpm/SOURCES/"
rpmbuild -bb --nodeps --define "_topdir $work/rpm" \
	--define "_sharedstatedir /var/lib" \
	"$top/rpm/reservoir.spec" >"$work/rpmbuild.log" 2>&1 || {
	tail -n 40 "$work/rpmbuild.log"
	exit 1
}
! grep -i '^ *warning: \|Installed (but unpackaged)' "$work/rpmbuild.log" || exit 1
for name in common booking maild doc; do
	set -- "$work"/rpm/RPMS/*/reservoir-"$name"-[0-9]*.rpm
	[ -e "$1" ] || { echo "no package reservoir-$name"; exit 1; }
	rpm -qlp --nosignature "$1" >"$work/rpm/$name.list"
done
grep -qx /usr/sbin/maild "$work/rpm/maild.list"
grep -qx /usr/libexec/booking.fcgi "$work/rpm/booking.list"
echo 'ok - rpmbuild makes four packages, and no file is left out'
