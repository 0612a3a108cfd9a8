#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the Debian packages from the tarball that "make dist" makes.
#
# usage: build-deb.sh DIRECTORY [VERSION]
# Source and binary packages go to DIRECTORY; VERSION, such as 0.1.0-1~0,
# is for tests that need another one.
set -eu

self=$(readlink -f -- "$0")
top=${self%/tests/*}
out=$(readlink -f -- "$1")
version=${2:-}
log=$out/build.log

quietly()
{
	"$@" >>"$log" 2>&1 || {
		tail -n 40 "$log" >&2
		echo "build-deb: failed: $*" >&2
		exit 1
	}
}

: >"$log"
quietly make -s -C "$top/build/release" dist
tarball=$(echo "$top"/build/release/reservoir-*.tar.xz)
upstream=${tarball##*/reservoir-}
upstream=${upstream%.tar.xz}
mv "$tarball" "$out/reservoir_$upstream.orig.tar.xz"
rm -rf "$out/reservoir-$upstream"
tar -C "$out" -xf "$out/reservoir_$upstream.orig.tar.xz"
cp -a "$top/debian" "$out/reservoir-$upstream/debian"
cd "$out/reservoir-$upstream"
if [ -n "$version" ] && ! head -n 1 debian/changelog | grep -qF "($version)"
then
	{
		printf 'reservoir (%s) unstable; urgency=medium\n\n' "$version"
		printf '  * Another version, for a test.\n\n'
		sed -n '/^ -- /{p;q}' debian/changelog
		echo
		cat debian/changelog
	} >changelog.new
	mv changelog.new debian/changelog
fi
quietly dpkg-buildpackage -us -uc
rm -rf "$out/reservoir-$upstream"
