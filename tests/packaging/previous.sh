#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the Debian packages of the last commit that had an older schema, as
# version 0.1.0-1~0: what the upgrades under test begin with.
#
# usage: previous.sh DIRECTORY         packages go there
# Status 75, with the reason, where there is no such commit.
set -eu

self=$(readlink -f -- "$0")
top=${self%/tests/*}
rm -rf "$1"
mkdir -p "$1"
out=$(readlink -f -- "$1")
cd "$top"

# ships_its_schema COMMIT: are all its migrations in its packages?
ships_its_schema()
{
	git cat-file -e "$1:debian/control" 2>/dev/null || return
	git ls-tree --name-only "$1" schema/ | while read -r name; do
		git show "$1:build-aux/data.mk" | grep -qF "$name" || exit 1
	done
}

previous=
for file in $(printf '%s\n' schema/[0-9]*.sql | sort -r); do
	commit=$(git log --diff-filter=A -1 --format=%H -- "$file" \
		2>/dev/null) || break
	ships_its_schema "$commit^" || continue
	previous=$commit^
	break
done
[ -n "$previous" ] || {
	echo 'no commit with an older schema is known'
	exit 75
}
mkdir "$out/source"
git archive "$previous" | tar -x -C "$out/source"
cd "$out/source"
# Only what the tarball is made from: the packages are built from that.
build-aux/dev/build.sh release config.h >"$out/build-tree.log" 2>&1 || {
	tail -n 40 "$out/build-tree.log"
	exit 1
}
DEB_BUILD_OPTIONS=nocheck tests/packaging/build-deb.sh "$out" 0.1.0-1~0
cd /
rm -rf "$out/source"
