#!/bin/sh
# SPDX-License-Identifier: MIT
# Fails when a C file includes a header that does not stand below it: LAYERS
# says how, and which rooms there are.
set -eu

self=$(readlink -f -- "$0")
cd "${self%/build-aux/*}"

# Lines "file header" for each include with quotes, judged by awk.
grep -H '^#[ 	]*include[ 	]*"' -r lib fcgi-app maild --include='*.[ch]' |
	sed 's/^\([^:]*\):[^"]*"\([^"]*\)".*/\1 \2/' | sort | awk '
function fail(text)
{
	print text
	bad = 1
}

# "room" of program/room/file.c, "" for program/file.c.
function room_of(path, part)
{
	return split(path, part, "/") == 3 ? part[2] : ""
}

BEGIN {
	while ((getline line < "LAYERS") > 0) {
		if (line ~ /^#/)
			continue
		count = split(line, word, " ")
		if (line !~ /^\t/) {
			program = word[1]
			above[program, ""] = 1000
			continue
		}
		floor++
		for (i = 1; i <= count; i++) {
			above[program, word[i]] = floor
			home[word[i]] = program
		}
	}
}

{
	file = $1
	header = $2
	program = file
	sub(/\/.*/, "", program)
	mine = room_of(file)
	if (!((program, mine) in above)) {
		fail(file ": " program " has no room " mine " in LAYERS")
		next
	}
	if (header == "config.h" || header == "queue/lua_scripts.h")
		next		# made by the build
	if (header !~ /\//) {
		if (mine != "")
			fail(file ": " header " does not name its room")
		next
	}
	theirs = header
	sub(/\/.*/, "", theirs)
	if (!(theirs in home))
		fail(file ": " header ": no such room in LAYERS")
	else if (theirs == mine)
		next
	else if (header ~ /\/impl\.h$/)
		fail(file ": " header " is for its own room alone")
	else if (home[theirs] != "lib" && home[theirs] != program)
		fail(file ": " header " is of another program")
	else if (above[home[theirs], theirs] >= above[program, mine])
		fail(file " may not include " header ": " theirs \
		     " is not below " mine)
}

END { exit bad }'
