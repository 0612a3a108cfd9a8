#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian packages: builds them twice, lintian, then the whole cycle of
# install, upgrade, remove and purge in a fresh tree (in-tree.sh).
#
# usage: debs.sh DIRECTORY     as root; what is there already is used again
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
mkdir -p "$1"
work=$(readlink -f -- "$1")
# shellcheck source=tests/packaging/tree.sh
. "$here/tree.sh"

needs='curl iproute2 mariadb-server nginx-light procps python3-aiosmtpd redis-server'

date=$("$here/../../build-aux/source-date.sh" "$here/../..")
export SOURCE_DATE_EPOCH="$date"
for version in 0.1.0-1 0.1.0-2; do
	rm -rf "${work:?}/$version"
	mkdir -p "$work/$version"
	"$here/build-deb.sh" "$work/$version" "$version"
done
cmp "$work"/*/reservoir_*.orig.tar.xz
echo 'ok - the same tarball twice'

lintian --allow-root --fail-on error,warning --tag-display-limit 0 \
	"$work"/0.1.0-1/*.changes 2>&1 | grep -v '^N: ' || :
lintian --allow-root --fail-on error,warning -q \
	"$work"/0.1.0-1/*.changes >/dev/null 2>&1
echo 'ok - lintian has no error and no warning'

base=$work/base
make_base "$base" apt adduser
if [ ! -e "$base-ready.tar" ]; then
	fresh_tree "$base-ready" "$base"
	# Services start only in the test itself.
	printf '#!/bin/sh\nexit 101\n' >"$base-ready/usr/sbin/policy-rc.d"
	chmod 755 "$base-ready/usr/sbin/policy-rc.d"
	mkdir "$base-ready/debs"
	cp "$work"/0.1.0-1/*.deb "$base-ready/debs/"
	rm "$base-ready"/debs/*dbgsym*
	# shellcheck disable=SC2086 # several packages
	in_tree "$base-ready" sh -c 'apt-get -q -y --no-install-recommends \
		install "$@" ./debs/reservoir-[bcdm]*_*.deb &&
		dpkg -P reservoir-booking reservoir-maild reservoir-common \
		reservoir-doc' sh $needs >"$work/needs.log" 2>&1 || {
		tail -n 20 "$work/needs.log"
		exit 1
	}
	rm -r "$base-ready/debs" "$base-ready/usr/sbin/policy-rc.d"
	tar -C "$base-ready" -cf "$base-ready.tar.part" .
	mv "$base-ready.tar.part" "$base-ready.tar"
fi

fresh_tree "$work/tree" "$base-ready"
# Without an init system, services start only if this file says so.
printf '#!/bin/sh\nexit 0\n' >"$work/tree/usr/sbin/policy-rc.d"
chmod 755 "$work/tree/usr/sbin/policy-rc.d"
mkdir -p "$work/tree/root/t/old" "$work/tree/root/t/new"
cp "$work"/0.1.0-1/reservoir-[bcdm]*[a-z]_*.deb "$work/tree/root/t/old"
cp "$work"/0.1.0-2/reservoir-[bcdm]*[a-z]_*.deb "$work/tree/root/t/new"
rm -f "$work"/tree/root/t/*/*dbgsym*
cp "$here/in-tree.sh" "$here/../../debian/tests/book-and-mail" \
	"$work/tree/root/t"
alone_in_tree "$work/tree" sh -c 'cd /root/t && ./in-tree.sh'
rm -rf "$work/tree"
