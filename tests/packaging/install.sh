#!/bin/sh
# SPDX-License-Identifier: MIT
# Is everything in the tarball, and is everything installed?  A list that lacks
# a new file is seen by nobody who works in the source tree.
#
# usage: install.sh TREE       a build tree, such as build/asan
# One line a check, "ok - what" or "not ok - what"; status 1 if one failed.
# shellcheck disable=SC2317 # check() calls the functions
set -eu

self=$(readlink -f -- "$0")
tree=$(readlink -f -- "$1")
cd "${self%/tests/*}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
dest=$scratch/dest
status=0

# Runs one check; what it prints is shown when it fails.
check()
{
	what=$1
	shift
	if said=$("$@" 2>&1); then
		echo "ok - $what"
	else
		echo "$said" | sed 's/^/    /'
		echo "not ok - $what"
		status=1
	fi
}

# Passes its input on; false when there was any.
not_one_line()
{
	! grep .
}

all_files_travel()
{
	git ls-files >/dev/null || return
	make -s -C "$tree" distdir distdir="$scratch/dist" >/dev/null || return
	git ls-files | grep -v '^debian/\|^\.gitignore$' | while read -r name; do
		[ ! -e "$name" ] || [ -e "$scratch/dist/$name" ] ||
			echo "not in the tarball: $name"
	done | not_one_line
}

# What programs read, what is shown to visitors, what people read: by content.
all_data_are_installed()
{
	make -s -C "$tree" install DESTDIR="$dest" >/dev/null || return
	find "$dest" -type f -exec sha256sum {} + | cut -c 1-64 |
		sort >"$scratch/sums"
	find templates locale schema nginx etc man doc/prometheus \
		doc/grafana doc/examples doc/form-kit doc/openapi.json \
		doc/envelope.schema.json -type f |
		while read -r name; do
			sum=$(sha256sum "$name" | cut -c 1-64)
			grep -q "$sum" "$scratch/sums" ||
				echo "not installed: $name"
		done | not_one_line
}

# @name@ that nobody has filled in.
nothing_is_left_open()
{
	grep -rIn '@[a-z]*dir@\|@webgroup@' "$dest/etc" "$dest/usr/lib" \
		"$dest/usr/share" | not_one_line
}

# What is installed as it is does not know where configure put the rest.
data_name_no_directory()
{
	grep -rInE '(/etc|/run|/var/(lib|log|run)|/usr/share)/reservoir' \
		"$dest/usr/share/reservoir" | not_one_line
}

uninstall_leaves_nothing()
{
	make -s -C "$tree" uninstall DESTDIR="$dest" >/dev/null || return
	find "$dest" -type f | not_one_line
}

check 'every file is in the tarball' all_files_travel
check 'every file that is for use is installed' all_data_are_installed
check 'no directory is left open in a script or unit' nothing_is_left_open
check 'data name no directory' data_name_no_directory
check 'make uninstall leaves nothing' uninstall_leaves_nothing
exit "$status"
