#!/bin/sh
# SPDX-License-Identifier: MIT
# OpenRC and runit run both daemons, in a fresh tree (inits-in-tree.sh).
#
# usage: inits.sh DIRECTORY            as root, after debs.sh DIRECTORY
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
work=$(readlink -f -- "$1")
# shellcheck source=tests/packaging/tree.sh
. "$here/tree.sh"
with=$work/base-inits

grep -qw overlay /proc/filesystems || {
	echo 'skipped - OpenRC and runit: this kernel has no overlayfs'
	exit 0
}
for name in base-ready old new; do
	[ -d "$work/$name" ] || {
		echo 'this needs what "./dev package deb" leaves'
		exit 1
	}
done

if [ ! -e "$with/made" ]; then
	rm -rf "$with"
	online_in_layers "$with" "$work/base-ready" apt-get -q -y \
		--no-install-recommends install logrotate openrc runit \
		>"$work/inits.log" 2>&1 || {
		tail -n 20 "$work/inits.log"
		exit 1
	}
	: >"$with/made"
fi
rm -rf "$work/inits"
mkdir -p "$work/inits/upper"
bring_test "$work/inits/upper" "$work"
cp "$here/inits-in-tree.sh" "$work/inits/upper/root/t"
alone_in_layers "$work/inits" "$with/upper:$work/base-ready" \
	sh -c 'cd /root/t && ./inits-in-tree.sh'
rm -rf "$work/inits"
