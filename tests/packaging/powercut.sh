#!/bin/sh
# SPDX-License-Identifier: MIT
# Power cuts in the middle of an upgrade of the Debian packages: at some step
# all processes die; after the next boot dpkg must end what it began, and no
# booking, no mail, no secret may be lost.
#
# usage: powercut.sh DIRECTORY         as root, after debs.sh DIRECTORY
# POWERCUTS=N: so many steps, evenly spread (12), and each start of a maintainer
# script, an init script and bookctl; "all": each step.
# What a step is: powercut.c.  POWERCUT_STEPS="N ...": these, and no others.
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
work=$(readlink -f -- "$1")
# shellcheck source=tests/packaging/tree.sh
. "$here/tree.sh"
cuts=$work/cuts

grep -qw overlay /proc/filesystems || {
	echo 'skipped - power cuts: this kernel has no overlayfs'
	exit 0
}
for name in base-ready old new; do
	[ -d "$work/$name" ] || {
		echo 'power cuts need what "./dev package deb" leaves'
		exit 1
	}
done

# inside DIRECTORY LOWER ARGUMENT ...: cut-in-tree.sh with these arguments.
inside()
{
	dir=$1
	below=$2
	shift 2
	# shellcheck disable=SC2016 # for the inner shell
	alone_in_layers "$dir" "$below" \
		sh -c 'cd /root/t && exec ./cut-in-tree.sh "$@"' sh "$@" \
		>"$cuts/said.log" 2>&1
}

failed()
{
	tail -n 30 "$cuts/said.log"
	echo "not ok - $*"
	exit 1
}

# One upgrade that is cut at the step, the next boot, and what is there then.
cut_at()
{
	rm -rf "$cuts/one"
	! inside "$cuts/one" "$ready" cut "$1" || failed "step $1: no power cut"
	! grep -q '^not ok' "$cuts/said.log" || failed "step $1: before the cut"
	last=$(tail -n 1 "$cuts/one/upper/root/t/steps.txt")
	[ "${last%% *}" -eq "$1" ] || failed "the last step was $last"
	inside "$cuts/one" "$ready" after || failed "power cut at step $last"
	echo "    ok at $last"
}

# The numbers of some steps out of all, evenly spread, the first and the last
# among them.
some_of()
{
	seq 1 "$1" | awk -v all="$1" -v some="$2" '
		function place(n) { return int((n - 1) * (some - 1) / (all - 1)) }
		some >= all || $1 == 1 || place($1) > place($1 - 1)'
}

rm -rf "$cuts"
mkdir -p "$cuts/first/upper"
bring_test "$cuts/first/upper" "$work"
cc -Wall -Wextra -Werror -O2 -shared -fPIC \
	-o "$cuts/first/upper/root/t/powercut.so" "$here/powercut.c" -ldl
inside "$cuts/first" "$work/base-ready" prepare || failed 'the preparation'
ready=$cuts/first/upper:$work/base-ready

inside "$cuts/one" "$ready" cut 0 || failed 'the upgrade without a power cut'
steps=$(tail -n 1 "$cuts/one/upper/root/t/steps.txt")
steps=${steps%% *}
cp "$cuts/one/upper/root/t/steps.txt" "$cuts/steps.txt"
inside "$cuts/one" "$ready" after || failed 'what the upgrade leaves'
echo "ok - an upgrade of $steps steps"

wanted=${POWERCUTS:-12}
[ "$wanted" != all ] || wanted=$steps
count=0
chosen=${POWERCUT_STEPS:-$({
	some_of "$steps" "$wanted"
	sed -n 's/^\([0-9]*\) .* exec .*\(\(pre\|post\)\(inst\|rm\)\|init\.d.*\|bookctl\)$/\1/p' \
		"$cuts/steps.txt"
} | sort -nu)}
for step in $chosen; do
	cut_at "$step"
	count=$((count + 1))
done
rm -rf "$cuts/one"
echo "ok - $count power cuts in an upgrade, nothing lost"
