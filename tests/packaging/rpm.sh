#!/bin/sh
# SPDX-License-Identifier: MIT
# RPM packages: built by Debian's rpmbuild, whose database knows none of the
# libraries (--nodeps); then installed, upgraded and erased in a fresh tree
# (rpm-in-tree.sh).
#
# usage: rpm.sh DIRECTORY      as root, after debs.sh DIRECTORY
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
top=${self%/tests/*}
mkdir -p "$1"
work=$(readlink -f -- "$1")
# shellcheck source=tests/packaging/tree.sh
. "$here/tree.sh"
helper=/usr/lib/systemd/systemd-update-helper

# build RELEASE OPTION ...: without any network; systemd's macros are not in
# Debian: these do what systemd's own do since 250.
build()
{
	release=$1
	shift
	offline rpmbuild -bb --nodeps --define "_topdir $work/rpm" \
		--define "_sharedstatedir /var/lib" --define "dist .$release" \
		--define "systemd_post() $helper install-system-units %*" \
		--define "systemd_preun() [ \$1 -ne 0 ] || $helper remove-system-units %*" \
		--define "systemd_postun_with_restart() [ \$1 -lt 1 ] || $helper mark-restart-system-units %*" \
		"$@" "$top/rpm/reservoir.spec" >"$work/rpmbuild.log" 2>&1 || {
		tail -n 40 "$work/rpmbuild.log"
		exit 1
	}
	! grep -i '^ *warning: \|Installed (but unpackaged)' \
		"$work/rpmbuild.log" || exit 1
	mkdir "$work/rpm/$release"
	mv "$work"/rpm/RPMS/*/*.rpm "$work/rpm/$release"
	rm -f "$work/rpm/$release"/*debug*
}

rm -rf "$work/rpm"
mkdir -p "$work/rpm/SOURCES"
make -s -C "$top/build/release" dist >"$work/rpm-dist.log" 2>&1
mv "$top"/build/release/reservoir-*.tar.xz "$work/rpm/SOURCES/"
build 1
build 2 --nocheck
for name in common booking maild amqp doc; do
	set -- "$work/rpm/1/reservoir-$name"-[0-9]*.rpm
	[ -e "$1" ] || { echo "no package reservoir-$name"; exit 1; }
	rpm -qlp --nosignature "$1" >"$work/rpm/$name.list"
done
grep -qx /usr/sbin/maild "$work/rpm/maild.list"
grep -qx /usr/libexec/booking.fcgi "$work/rpm/booking.list"
echo 'ok - rpmbuild makes five packages, and no file is left out'

grep -qw overlay /proc/filesystems || {
	echo 'skipped - RPM packages in a tree: this kernel has no overlayfs'
	exit 0
}
[ -d "$work/base-ready" ] || {
	echo 'this needs what "./dev package deb" leaves'
	exit 1
}
with=$work/base-rpm
if [ ! -e "$with/made" ]; then
	rm -rf "$with"
	online_in_layers "$with" "$work/base-ready" apt-get -q -y \
		--no-install-recommends install rpm >"$work/apt-rpm.log" 2>&1 || {
		tail -n 20 "$work/apt-rpm.log"
		exit 1
	}
	: >"$with/made"
fi
rm -rf "$work/rpms"
t=$work/rpms/upper/root/t
mkdir -p "$t" "$work/rpms/upper/usr/lib/systemd"
cp -r "$work/rpm/1" "$t/old"
cp -r "$work/rpm/2" "$t/new"
cp "$here"/in-tree-parts.sh "$here"/rpm-in-tree.sh "$t"
# What it was told, for the test.
printf '#!/bin/sh\necho "$*" >>/root/t/helper\n' \
	>"$work/rpms/upper$helper"
chmod 755 "$work/rpms/upper$helper"
alone_in_layers "$work/rpms" "$with/upper:$work/base-ready" \
	sh -c 'cd /root/t && ./rpm-in-tree.sh'
rm -rf "$work/rpms"
