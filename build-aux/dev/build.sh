#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds one tree: build/release, build/asan, build/crash (crash points) or
# build/fuzz (fuzz targets, by clang).
set -eu

self=$(readlink -f -- "$0")
top=${self%/build-aux/*}
kind=${1:-release}
[ $# -eq 0 ] || shift
tree=$top/build/$kind

case $kind in
release) options='' ;;
asan) options='--with-sanitizers=address,undefined --enable-werror' ;;
crash) options='--enable-crash-points --enable-werror' ;;
fuzz)
	options='CC=clang --enable-fuzzing --enable-werror
		--with-sanitizers=address,undefined,fuzzer-no-link'
	[ $# -gt 0 ] || set -- fuzzers
	;;
*) echo "usage: build.sh release|asan|crash|fuzz [make target ...]" >&2; exit 64 ;;
esac

say()
{
	echo "dev: $*" >&2
}

# Runs a slow step quietly; shows all that it said when it fails.
quietly()
{
	log=$1
	shift
	if ! "$@" >"$log" 2>&1; then
		tail -n 60 "$log" >&2
		say "failed: $* (all of it is in $log)"
		exit 1
	fi
}

mkdir -p "$tree"
if [ ! -x "$top/configure" ] || [ ! -e "$top/Makefile.in" ] ||
    [ -n "$(find "$top/configure.ac" -newer "$top/configure")" ]; then
	say "making configure"
	cd "$top"
	quietly "$tree/autogen.log" sh ./autogen.sh
fi

cd "$tree"
if [ ! -e Makefile ] || [ ! -e config.status ] ||
    [ "$(cat configured-with 2>/dev/null)" != "$options" ]; then
	say "configuring build/$kind"
	rm -f configured-with
	# shellcheck disable=SC2086 # several options
	quietly configure.out "$top/configure" --prefix=/usr \
		--sysconfdir=/etc --localstatedir=/var --runstatedir=/run \
		$options
	echo "$options" >configured-with
fi

say "building build/$kind"
exec make -s -j "$(nproc)" "$@" >&2
