#!/bin/sh
# SPDX-License-Identifier: MIT
# Packages and containers, each built and used in a fresh tree: minutes, so it
# is no part of the everyday test.
#
# usage: package.sh [source|deb|powercut|inits|systemd|rpm|compose
#                   |sentinel|cluster|galera|rabbitmq ...]
#        as root; default: all of them
#        package.sh trees [OPTION ...]    only when asked for: an hour or more
# build/package keeps what was downloaded for the next time.
set -eu

self=$(readlink -f -- "$0")
top=${self%/build-aux/*}
tests=$top/tests/packaging
work=$top/build/package
[ $# -gt 0 ] || set -- source deb powercut inits systemd rpm compose \
	sentinel cluster galera rabbitmq
[ "$(id -u)" -eq 0 ] || {
	echo 'skipped - packages: debootstrap and chroot need root'
	exit 0
}
mkdir -p "$work"
if [ "$1" = trees ]; then
	shift
	exec "$tests/trees.sh" "$work" "$@"
fi
for kind in "$@"; do
	echo "== $kind"
	case $kind in
	source) "$tests/source.sh" "$work" ;;
	deb) "$tests/debs.sh" "$work" ;;
	powercut) "$tests/powercut.sh" "$work" ;;
	inits) "$tests/inits.sh" "$work" ;;
	systemd) "$tests/systemd.sh" "$work" ;;
	rpm) "$tests/rpm.sh" "$work" ;;
	compose) "$tests/compose.sh" "$work" ;;
	sentinel|cluster|galera|rabbitmq)
		"$tests/compose-engine.sh" "$work" "$kind" ;;
	*)
		echo "usage: package.sh [source|deb|powercut|inits|systemd|rpm" \
			"|compose|sentinel|cluster|galera|rabbitmq ...]" >&2
		exit 64
		;;
	esac
done
