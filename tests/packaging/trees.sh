#!/bin/sh
# SPDX-License-Identifier: MIT
# What a newcomer does, on Debian 12 and 13 with nothing installed: a fresh
# clone of the last commit in a home that is closed to others, "./dev run" and
# "./dev test", as root and as a user who may sudo (trees-in-tree.sh).
#
# usage: trees.sh DIRECTORY [--release R] [--as root|user] [--keep]
#                 [--what check|run|test] [WORD ...]          as root
# R is bookworm or trixie; each option may be repeated, none means all of its
# kind, but of --what: run and test, since test begins with check.  WORDs go to
# ./dev test, such as --quick.  DIRECTORY keeps what was downloaded, and with
# --keep the trees, which the next call with --keep goes on with.
#
# Only ./dev deps, which ./dev run and ./dev test begin with, has a network;
# then all of it happens on a loopback of its own.
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
top=${self%/tests/*}
mkdir -p "$1"
work=$(readlink -f -- "$1")/trees
shift
# shellcheck source=tests/packaging/tree.sh
. "$here/tree.sh"

releases=
people=
whats=
keep=no
while [ $# -gt 0 ]; do
	case $1 in
	--release) releases="$releases $2"; shift ;;
	--as) people="$people $2"; shift ;;
	--what) whats="$whats $2"; shift ;;
	--keep) keep=yes ;;
	*) break ;;
	esac
	shift
done

# in_container TREE OPTION ... -- COMMAND ...: with processes, mounts and
# devices of its own; whatever it leaves running ends with it.
in_container()
{
	tree=$1
	shift
	# /tmp is the disk's: an in-memory one is too small for browsers.
	SYSTEMD_NSPAWN_TMPFS_TMP=0 systemd-nspawn --quiet --directory="$tree" \
		--as-pid2 --register=no --keep-unit --resolv-conf=off \
		--timezone=off --link-journal=no --console=pipe \
		--bind="$debs:/var/cache/apt/archives" "$@" </dev/null
}

# bring_clone HOME: as git clone leaves it; git itself is not there.  One that
# was kept gets the last commit.
bring_clone()
{
	if [ ! -d "$1/reservoir" ]; then
		git clone -q --no-hardlinks "$top" "$1/reservoir"
	else
		git -c safe.directory='*' -C "$1/reservoir" fetch -q "$top" HEAD
		git -c safe.directory='*' -C "$1/reservoir" \
			reset -q --hard FETCH_HEAD
	fi
	cp "$here/trees-in-tree.sh" "$1/"
	chmod 700 "$1"
	chown -R --reference="$1" "$1"
}

# try_tree RELEASE PERSON: each WHAT in one tree.
try_tree()
{
	tree=$work/$1-$2
	login=root
	home=$tree/root
	if [ "$2" = user ]; then
		login=newcomer
		home=$tree/home/$login
	fi
	if [ "$keep" = no ] || [ ! -d "$home/reservoir" ]; then
		fresh_tree "$tree" "$work/bare-$1"
		[ "$2" = root ] ||
			chroot "$tree" useradd -m -s /bin/bash "$login"
		echo "$login ALL=(ALL) NOPASSWD: ALL" \
			>"$tree/etc/sudoers.d/newcomer"
	fi
	bring_clone "$home"
	for what in $whats; do
		echo "-- $1, $2: $what"
		in_container "$tree" -- runuser -l "$login" -c \
			"./trees-in-tree.sh deps $what"
		in_container "$tree" --private-network -- runuser -l "$login" \
			-c "./trees-in-tree.sh $what $words" || failed=yes
	done
	[ "$keep" = yes ] || rm -rf "$tree"
}

: "${whats:=run test}"
words=$*
failed=no
mkdir -p "$work"
for suite in ${releases:-bookworm trixie}; do
	debs=$work/debs-$suite
	mkdir -p "$debs/partial"
	# Only that a user may become root is there before.
	make_base "$work/bare-$suite" sudo
	for person in ${people:-root user}; do
		try_tree "$suite" "$person"
	done
done
[ "$failed" = no ] || exit 1
echo "ok - on Debian with nothing installed: $whats"
