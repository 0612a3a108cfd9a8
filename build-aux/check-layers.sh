#!/bin/sh
# SPDX-License-Identifier: MIT
# Fails when a C file includes a header that does not stand below it.
#
# Ranks are in lib/RANKS, fcgi-app/RANKS and maild/RANKS: "rank module", one
# a line.  A module is its files module.[ch] and module_*.[ch].  A file may
# include its own module's headers and those of strictly lower ranks; rank 0,
# what the language lacks, is one layer.  Never another program's headers.
set -eu

self=$(readlink -f -- "$0")
cd "${self%/build-aux/*}"

# Lines "file header" for each include with quotes, then judged by awk.
for file in lib/*.[ch] fcgi-app/*.[ch] maild/*.[ch]; do
	[ -e "$file" ] || continue
	sed -n 's/^#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$file" |
		while read -r header; do
			dir=${file%/*}
			if [ "$header" = config.h ] ||
			    [ "$header" = lua_scripts.h ]; then
				continue	# made by the build
			elif [ -e "$dir/$header" ]; then
				echo "$file $dir/$header"
			elif [ -e "lib/$header" ]; then
				echo "$file lib/$header"
			else
				echo "$file $header"
			fi
		done
	echo "$file -"
done | awk '
function fail(text)
{
	print text
	bad = 1
}

# The module that a path belongs to: the longest ranked name it begins with.
function module(path, dir, name)
{
	dir = path
	sub(/\/[^\/]*$/, "", dir)
	name = path
	sub(/^.*\//, "", name)
	sub(/\.[ch]$/, "", name)
	while (!((dir, name) in rank)) {
		if (!sub(/_[^_]*$/, "", name))
			return ""
	}
	return dir SUBSEP name
}

# True when one module is a part of the other: queue_keys of queue.
function related(a, b)
{
	return a == b || index(a, b "_") == 1 || index(b, a "_") == 1
}

BEGIN {
	split("lib fcgi-app maild", dirs, " ")
	for (i in dirs) {
		list = dirs[i] "/RANKS"
		while ((getline line < list) > 0) {
			if (line ~ /^[ \t]*(#|$)/)
				continue
			if (split(line, word, " ") != 2 || word[1] !~ /^[0-9]+$/)
				fail(list ": not a line \"rank module\": " line)
			else if ((dirs[i], word[2]) in rank)
				fail(list ": " word[2] " stands there twice")
			else
				rank[dirs[i], word[2]] = word[1] + 0
		}
		close(list)
	}
}

{
	mine = module($1)
	if (mine == "") {
		if ($2 == "-")
			fail($1 ": has no rank in " substr($1, 1, \
			     index($1, "/")) "RANKS")
		next
	}
	if ($2 == "-")
		next
	if ($2 !~ /\//) {
		fail($1 ": " $2 " is neither in its directory nor in lib/")
		next
	}
	theirs = module($2)
	if (theirs == "" || related(mine, theirs))
		next
	if (rank[theirs] > 0 && rank[theirs] >= rank[mine])
		fail($1 " (rank " rank[mine] ") may not include " $2 \
		     " (rank " rank[theirs] ")")
}

END {
	exit bad
}'
