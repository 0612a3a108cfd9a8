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
after_debs 'OpenRC and runit' inits logrotate openrc runit
rm -rf "$work/inits"
mkdir -p "$work/inits/upper"
bring_test "$work/inits/upper" "$work"
cp "$here/inits-in-tree.sh" "$work/inits/upper/root/t"
alone_in_layers "$work/inits" "$with/upper:$work/base-ready" \
	sh -c 'cd /root/t && ./inits-in-tree.sh'
rm -rf "$work/inits"
