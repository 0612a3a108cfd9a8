#!/bin/sh
# SPDX-License-Identifier: MIT
# All units under a real systemd, which boots a fresh tree (systemd-in-tree.sh).
#
# usage: systemd.sh DIRECTORY [PART ...]     as root, after debs.sh DIRECTORY
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
work=$(readlink -f -- "$1")
shift
# shellcheck source=tests/packaging/tree.sh
. "$here/tree.sh"
after_debs 'systemd' systemd systemd-sysv

# boot NAME WORDS ...: a tree of its own, in which systemd runs the test with
# these words, and ends when it has ended.
boot()
{
	dir=$work/$1
	shift
	rm -rf "$dir"
	mkdir -p "$dir/upper/etc/systemd/system/multi-user.target.wants"
	bring_test "$dir/upper" "$work"
	cp "$here/systemd-in-tree.sh" "$dir/upper/root/t"
	unit=$dir/upper/etc/systemd/system/reservoir-test.service
	cat >"$unit" <<-END
	[Unit]
	After=mariadb.service redis-server.service nginx.service
	SuccessAction=exit
	FailureAction=exit
	[Service]
	Type=oneshot
	Environment=LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
	WorkingDirectory=/root/t
	ExecStart=/root/t/systemd-in-tree.sh $*
	StandardOutput=file:/root/t/said
	END
	# It takes minutes to find out that it has no name here.
	ln -s /dev/null "${unit%/*}/rabbitmq-server.service"
	ln -s ../reservoir-test.service \
		"${unit%/*}/multi-user.target.wants/reservoir-test.service"
	code=0
	# nspawn itself would refuse these.
	boot_in_layers "$dir" "$with/upper:$work/base-ready" \
		"--system-call-filter=seccomp landlock_create_ruleset\
 landlock_add_rule landlock_restrict_self" \
		>"$dir/boot.log" 2>&1 </dev/null || code=$?
	cat "$dir/upper/root/t/said" || tail -n 20 "$dir/boot.log"
	[ "$code" -eq 0 ] || exit 1
	rm -rf "$dir"
}

boot systemd "$@"
