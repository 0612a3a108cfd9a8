#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints a C header that holds the named Lua scripts as struct rscript, each
# with its place in the list as index.  A line "--@include NAME" brings in
# NAME.inc from the same folder; comment lines stay out of the programs.
set -eu

# Prints a file with its includes.
expand()
{
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		'--@include '*) cat "${1%/*}/${line#--@include }.inc" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <"$1"
}

printf '/* Made by build-aux/embed-lua.sh; do not edit. */\n'
index=0
for file in "$@"; do
	name=$(basename "$file" .lua)
	printf 'static const struct rscript script_%s __attribute__((unused)) = {\n' "$name"
	printf '\t.index = %d,\n\t.name = "%s",\n\t.text =\n' "$index" "$name"
	expand "$file" |
		sed -e '/^[[:space:]]*--/d' -e '/^[[:space:]]*$/d' \
		    -e 's/^[[:space:]]*//' \
		    -e 's/\\/\\\\/g' -e 's/"/\\"/g' \
		    -e 's/^/\t\t"/' -e 's/$/\\n"/'
	printf '\t,\n};\n'
	index=$((index + 1))
done
