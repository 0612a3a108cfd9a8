#!/bin/sh
# SPDX-License-Identifier: MIT
# Fails when manuals, example files or completions differ from the programs.
#
# usage: check-man-settings.sh            in a build directory
# Environment: top_srcdir, where the source is (default: from our own path).
#
# The program itself is the judge: the defaults that a manual or an example
# gives are handed to "-T" as a settings file, and what comes out must be what
# comes out of an empty file.  So 60s and 1min are the same.
set -eu

self=$(readlink -f -- "$0")
src=$(readlink -f -- "${top_srcdir:-${self%/tests/*}}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Noted in a file: it is called in the subshells of pipes, too.
complain()
{
	echo "check-man-settings: $*" >&2
	: >"$scratch/failed"
}

# Settings of a manual: ".It Ic name = value", and ".Dl Ic [section name]".
of_manual()
{
	# "\&" keeps a colon at a line's end from being punctuation.
	sed 's/\\&//g' "$1" |
		sed -n -e 's/^\.It Ic \([a-z][a-z0-9_]* =.*\)$/\1/p' \
			-e 's/^\.Dl Ic \(\[.*\]\)$/\1/p'
}

# Settings of an example, where they are comments without a blank.
of_example()
{
	sed -n -e 's/^#\([a-z][a-z0-9_]* =.*\)$/\1/p' \
		-e 's/^#\(\[.*\]\)$/\1/p' "$1"
}

# The help in an example; its head ends at the first empty line.
help_of_example()
{
	sed '1,/^$/d' "$1" | grep '^# '
}

names()
{
	sed 's/ *=.*//' "$1"
}

# Names in the order in which they are compared, set by check().
order()
{
	if [ "$sorted" = yes ]; then sort; else cat; fi
}

# Manuals name the directories of a distribution; this build may have others.
here()
{
	sed -e "s|/run/reservoir/|$runstatedir/reservoir/|" \
	    -e "s|/etc/reservoir/|$sysconfdir/reservoir/|" \
	    -e "s|/var/lib/reservoir\$|$localstatedir/lib/reservoir|" \
	    -e "s|/usr/share/reservoir\$|$pkgdatadir|"
}

# Prints what -T says for a settings file.
shown()
{
	"$program" -T -c "$1" >"$scratch/shown" 2>"$scratch/words" || {
		complain "$program refuses $2: $(cat "$scratch/words")"
		return 1
	}
	cat "$scratch/shown"
}

# Compares names and defaults given on standard input with the program's.
compare()
{
	here >"$scratch/given"
	names "$scratch/given" | order >"$scratch/given.names"
	diff "$scratch/names" "$scratch/given.names" >&2 ||
		complain "$1: these names differ (<: $program, >: $1)"
	value=$(sed -n 's/^data_dir = //p' "$scratch/given")
	[ "${data:+$value}" = "${data:+$pkgdatadir}" ] ||
		complain "$1: data_dir is $value, not $pkgdatadir"
	use_our_data "$scratch/given" >"$scratch/given.conf"
	shown "$scratch/given.conf" "$1" >"$scratch/given.out" || return 0
	diff "$scratch/empty.out" "$scratch/given.out" >&2 ||
		complain "$1: these defaults differ (<: $program, >: $1)"
}

# booking.fcgi loads its texts before anything else, from the source tree.
use_our_data()
{
	sed "s|^data_dir =.*|data_dir = $src|" "$1"
}

# check PROGRAM MANUAL EXAMPLE
check()
{
	program=$1
	manual=$src/man/$2
	example=$src/etc/$3
	data="data_dir = $src"
	grep -q '^#data_dir =' "$example" || data=
	echo "$data" >"$scratch/empty.conf"
	shown "$scratch/empty.conf" 'an empty file' >"$scratch/empty.out" ||
		return 0
	sed -n -e 's/^\([a-z][a-z0-9_]*\) =.*/\1/p' -e '/^\[.*\]$/p' \
		"$scratch/empty.out" >"$scratch/names"
	[ -s "$scratch/names" ] || complain "$program -T shows no settings"

	# The manual is in the order of its sections.
	cp "$scratch/names" "$scratch/names.kept"
	sort -o "$scratch/names" "$scratch/names"
	sorted=yes
	of_manual "$manual" | compare "man/$2"
	cp "$scratch/names.kept" "$scratch/names"
	sorted=no
	of_example "$example" | compare "etc/$3"

	grep '^# ' "$scratch/empty.out" >"$scratch/help"
	help_of_example "$example" | diff "$scratch/help" - >&2 ||
		complain "etc/$3: this help differs (<: $program, >: etc/$3)"
	# As it is shipped, too.
	{ echo "$data"; cat "$example"; } >"$scratch/shipped.conf"
	shown "$scratch/shipped.conf" "etc/$3" >"$scratch/shipped.out" ||
		return 0
	diff "$scratch/empty.out" "$scratch/shipped.out" >&2 ||
		complain "etc/$3 does not stand for the defaults"
}

# The manual's items below COMMANDS and the program's table of commands say the
# same, and so does the completion, which is made of that table.
check_commands()
{
	name=${1##*/}
	manual=man/$name.1
	completion=etc/bash-completion/$name
	"$1" --table >"$scratch/table"
	sed -n '/^=/!s/ *$//p' "$scratch/table" | sort >"$scratch/commands"
	[ -s "$scratch/commands" ] || complain "$1 --table names no commands"
	awk -f "$src/build-aux/man-synopsis.awk" "$src/$manual" | sort |
		diff "$scratch/commands" - >&2 ||
		complain "$manual: these commands differ (<: $1, >: $manual)"
	awk -v name="$name" -f "$src/build-aux/bash-completion.awk" \
		"$scratch/table" | diff - "$src/$completion" >&2 ||
		complain "$completion is not what build-aux/bash-completion.awk" \
			"makes of \"$1 --table\""
	# Each row can be read.
	sed 's/ [[A-Z-].*//' "$scratch/commands" | sort -u |
		while read -r command; do
			# shellcheck disable=SC2086	# it may be two words
			"$1" $command -h 2>&1 |
				grep -q "^usage: $name .*\] $command" ||
				complain "$1 $command -h does not tell of it"
		done
}

# Every option that a daemon's usage names is completed by bash.
check_completion()
{
	name=${1##*/}
	"$1" -h | grep -oE '(^|[[ |])(-[a-zA-Z]|--[a-z-]+)' |
		grep -oE '[a-z-][a-zA-Z-]+' | sort -u >"$scratch/words"
	[ -s "$scratch/words" ] || complain "$1 -h names no words"
	while read -r word; do
		grep -qwF -e "$word" "$src/etc/bash-completion/$name" ||
			complain "etc/bash-completion/$name: no $word"
	done <"$scratch/words"
}

./maild/maild -T -c /dev/null >"$scratch/maild"
pkgdatadir=$(sed -n 's/^data_dir = //p' "$scratch/maild")
sysconfdir=$(sed -n 's|^template_dir = \(.*\)/reservoir/templates$|\1|p' \
	"$scratch/maild")
localstatedir=$(sed -n 's|^journal_dir = \(.*\)/lib/reservoir$|\1|p' \
	"$scratch/maild")
runstatedir=$(sed -n 's|^pid_file = \(.*\)/reservoir/maild\.pid$|\1|p' \
	"$scratch/maild")

check ./maild/maild maild.conf.5 maild.conf.example
check ./fcgi-app/booking.fcgi booking.conf.5 booking.conf.example
if [ -x ./maild/amqp/maild-amqp ]; then
	check ./maild/amqp/maild-amqp amqp.conf.5 amqp.conf.example
	check_completion ./maild/amqp/maild-amqp
fi
check_commands ./fcgi-app/bookctl/bookctl
check_commands ./maild/maildctl/maildctl
check_completion ./maild/maild
[ ! -e "$scratch/failed" ] || exit 1
echo 'manuals and examples agree with the programs'
