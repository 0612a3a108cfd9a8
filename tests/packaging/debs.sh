#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian packages: builds them twice, lintian, then the whole cycle of
# install, upgrade, remove and purge in a fresh tree (in-tree.sh).
#
# usage: debs.sh DIRECTORY     as root; what was downloaded is used again
# Leaves what powercut.sh goes on with: old/ and new/ with the packages, and
# base-ready/, a tree with all that they need.
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
mkdir -p "$1"
work=$(readlink -f -- "$1")
# shellcheck source=tests/packaging/tree.sh
. "$here/tree.sh"

needs='curl iproute2 mariadb-server nginx-light openssl procps python3-aiosmtpd
	python3-pika rabbitmq-server redis-server'

# build NAME VERSION [VARIABLE=VALUE ...]: in a directory NAME, without any
# network.  VERSION "": what debian/changelog says.
build()
{
	name=$1
	version=$2
	shift 2
	rm -rf "${work:?}/$name"
	mkdir -p "$work/$name"
	offline env "$@" "$here/build-deb.sh" "$work/$name" "$version"
}

# The hashes of what a build made, but for its notes about itself.
sums()
{
	(cd "$work/$1" && sha256sum ./*.deb ./*.tar.xz)
}

# The packages as they are on a mirror: without those for debuggers.
collect()
{
	rm -rf "${work:?}/$1"
	mkdir -p "$work/$1"
	cp "$work/$2"/reservoir-[abcdm]*_*.deb "$work/$1"
	rm -f "$work/$1"/*dbgsym*
}

date=$("$here/../../build-aux/source-date.sh" "$here/../..")
export SOURCE_DATE_EPOCH="$date"
build built ""
build built-elsewhere/and/deeper '' TZ=Pacific/Auckland LC_ALL=C \
	HOME=/nonexistent DEB_BUILD_OPTIONS='nocheck parallel=1'
sums built >"$work/built.sums"
sums built-elsewhere/and/deeper | diff "$work/built.sums" -
echo 'ok - two builds in two places are the same to the bit, without a network'
collect new built

# As operations.md says, in a clone.
if git -C "$here" rev-parse HEAD >/dev/null 2>&1; then
	rm -rf "$work/cloned"
	git clone -q "$here/../.." "$work/cloned/reservoir"
	(cd "$work/cloned/reservoir" && DEB_BUILD_OPTIONS=nocheck \
		offline dpkg-buildpackage -us -uc -b) >"$work/cloned.log" 2>&1 || {
		tail -n 20 "$work/cloned.log"
		exit 1
	}
	ls "$work"/cloned/reservoir-common_*.deb \
		"$work"/cloned/reservoir-booking_*.deb \
		"$work"/cloned/reservoir-maild_*.deb \
		"$work"/cloned/reservoir-amqp_*.deb \
		"$work"/cloned/reservoir-doc_*.deb >/dev/null
	rm -rf "$work/cloned"
	echo 'ok - dpkg-buildpackage in a clone'
fi

code=0
why=$("$here/previous.sh" "$work/previous") || code=$?
case $code in
0) collect old previous ;;
75)
	echo "note: $why: the upgrade is from the same schema"
	build previous 0.1.0-1~0
	collect old previous
	;;
*) echo "$why"; exit 1 ;;
esac
echo "ok - the previous packages are built"

lintian --allow-root --pedantic --display-info --tag-display-limit 0 \
	"$work"/built/*.changes 2>&1 | grep -v '^N: ' || :
lintian --allow-root --fail-on error,warning -q \
	"$work"/built/*.changes >/dev/null 2>&1
echo 'ok - lintian has no error and no warning'

rm -rf "$work/unpacked"
for name in booking maild amqp; do
	dpkg-deb -x "$work/new/reservoir-${name}_"*.deb "$work/unpacked"
done
# Debian's own start files lack the mark by which it knows control flow.
(cd "$work/unpacked/usr" && hardening-check --nocfprotection sbin/maild \
	sbin/maild-amqp libexec/booking.fcgi bin/bookctl bin/maildctl \
	libexec/reservoir-bounce) >"$work/hardening.log" 2>&1 || {
	cat "$work/hardening.log"
	exit 1
}
[ "$(uname -m)" != x86_64 ] ||
	[ "$(objdump -d "$work/unpacked/usr/sbin/maild" |
		grep -c endbr64)" -gt 100 ] || {
	echo 'maild is built without control flow integrity'
	exit 1
}
rm -rf "$work/unpacked"
echo 'ok - every program is hardened as configure does it'

base=$work/base
make_base "$base" apt adduser
# Another list of needs is another tree.
if [ ! -e "$base-ready.tar" ] ||
	[ "$needs" != "$(cat "$base-ready.needs" 2>/dev/null)" ]; then
	rm -rf "$base-ready.tar" "$work"/base-*/made
	fresh_tree "$base-ready" "$base"
	# Services start only in the test itself.
	printf '#!/bin/sh\nexit 101\n' >"$base-ready/usr/sbin/policy-rc.d"
	chmod 755 "$base-ready/usr/sbin/policy-rc.d"
	cp -r "$work/new" "$base-ready/debs"
	# shellcheck disable=SC2086 # several packages
	in_tree "$base-ready" sh -c 'apt-get -q -y --no-install-recommends \
		install "$@" ./debs/*.deb &&
		dpkg -P reservoir-booking reservoir-maild reservoir-common \
		reservoir-amqp reservoir-doc' sh $needs >"$work/needs.log" 2>&1 || {
		tail -n 20 "$work/needs.log"
		exit 1
	}
	rm -r "$base-ready/debs" "$base-ready/usr/sbin/policy-rc.d"
	tar -C "$base-ready" -cf "$base-ready.tar.part" .
	echo "$needs" >"$base-ready.needs"
	mv "$base-ready.tar.part" "$base-ready.tar"
fi

fresh_tree "$work/tree" "$base-ready"
bring_test "$work/tree" "$work"
alone_in_tree "$work/tree" sh -c 'cd /root/t && ./in-tree.sh'
rm -rf "$work/tree"
