#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that need no build to run: layers, headers, form, shell scripts.
#
# One line a check, "ok - what" or "not ok - what"; status 1 if one failed.
# shellcheck disable=SC2317 # check() calls the functions
set -eu

self=$(readlink -f -- "$0")
top=${self%/build-aux/*}
cd "$top"
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

# Our source files with one of the given suffixes, one a line.
sources()
{
	for suffix in "$@"; do
		find lib fcgi-app maild tests build-aux nginx docker .ci doc \
			-name "*.$suffix" -type f
	done
}

# Files of one suffix in the programs, and in other folders that are named.
programs()
{
	suffix=$1
	shift
	find lib fcgi-app maild "$@" -name "*.$suffix"
}

# Our shell scripts: by suffix, and those that have none.
scripts()
{
	sources sh
	for name in dev autogen.sh .ci/run docker/*-is-* \
	    etc/bash-completion/* debian/*.postinst debian/*.prerm \
	    debian/*.postrm debian/tests/common.sh debian/tests/rabbitmq-to-mail \
	    debian/tests/book-and-mail tests/packaging/compose/mysql \
	    tests/packaging/compose/docker-compose; do
		[ ! -e "$name" ] || echo "$name"
	done
}

# Prints the names of long files; false when there are any.
files_are_short()
{
	sources c h py sh | while read -r name; do
		count=$(wc -l <"$name")
		[ "$count" -le 600 ] || echo "$name: $count lines"
	done | not_one_line
}

# Tabs count to the next multiple of 8, a character of several bytes as one.
lines_are_narrow()
{
	# shellcheck disable=SC2016 # $0 is awk's
	programs '[ch]' | LC_ALL=C xargs awk '
		{
			gsub(/[\200-\277]/, "")
			wide = length($0)
		}
		index($0, "\t") {
			wide = 0
			count = split($0, parts, "\t")
			for (i = 1; i < count; i++) {
				wide += length(parts[i])
				wide += 8 - wide % 8
			}
			wide += length(parts[count])
		}
		wide > 80 { print FILENAME ":" FNR ": " wide " columns" }
	' | not_one_line
}

functions_take_few_parameters()
{
	programs '[ch]' | /usr/bin/python3 build-aux/dev/params.py
}

files_name_their_licence()
{
	sources c h py sh | while read -r name; do
		head -n 2 "$name" | grep -q 'SPDX-License-Identifier: MIT' ||
			echo "$name: no SPDX line at its top"
	done | not_one_line
}

# config.h is the first include of each .c and in no .h.
config_h_comes_first()
{
	{
		programs c tests/unit tests/fuzz | while read -r name; do
			first=$(grep -m 1 '^#include' "$name" || :)
			[ "$first" = '#include "config.h"' ] ||
				echo "$name: first include is: $first"
		done
		programs h | xargs grep -n '^#include "config.h"' || :
	} | not_one_line
}

nothing_is_left_to_do()
{
	marks='TO''DO|FIX''ME|X''XX'
	sources c h py sh conf lua |
		xargs -r grep -nwE "$marks" | not_one_line
}

# Each header in a file of its own: it includes all that it needs.
headers_stand_alone()
{
	flags='-std=gnu11 -D_GNU_SOURCE -fsyntax-only -Wall -Wextra'
	flags="$flags -I. -Ilib -Ifcgi-app -Imaild"
	for name in hiredis json-c fcgi gmime-3.0 libidn2 libcrypto; do
		flags="$flags $(pkg-config --cflags "$name" 2>/dev/null || :)"
	done
	flags="$flags $(mariadb_config --include 2>/dev/null || :)"
	programs h | while read -r name; do
		# shellcheck disable=SC2086 # several flags
		echo "#include \"$name\"" |
			gcc $flags -x c - 2>&1 ||
			echo "$name does not compile alone"
	done | not_one_line
}

# json-c's own idea of JSON changes from release to release.
json_has_one_reader()
{
	programs c | xargs grep -n 'json_tokener_[a-z_]*(' |
		grep -v '^lib/json/jsonread\.c:' | not_one_line
}

# What the programs read at run time is installed only if it is listed.
data_is_listed()
{
	find schema templates locale nginx/static nginx/errors -type f |
		while read -r name; do
			grep -q "[[:space:]]$name\([[:space:]]\|\$\)" \
				build-aux/data.mk || echo "$name: not in data.mk"
		done | not_one_line
}

scripts_pass_shellcheck()
{
	scripts | sort -u | xargs shellcheck
}

python_compiles()
{
	sources py | xargs /usr/bin/python3 -c '
import sys
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        compile(file.read(), name, "exec")'
}

# mandoc looks for other manuals on this machine, where ours are not.
manuals_pass_mandoc()
{
	mandoc -T lint man/* | grep -v 'referenced manual not found' |
		not_one_line
}

french_is_set_as_in_print()
{
	/usr/bin/python3 build-aux/dev/french.py
}

compose_file_parses()
{
	docker-compose --file docker-compose.yml config --quiet
}

# Passes its input on; false when there was any.
not_one_line()
{
	! grep .
}

check 'the table of doc/scale.md is what was measured' \
	/usr/bin/python3 tests/bench/scale.py --check
check 'a file includes only what stands below it' build-aux/check-layers.sh
check 'no file is longer than 600 lines' files_are_short
check 'no line of C is wider than 80 columns' lines_are_narrow
check 'no function takes more than 4 parameters' functions_take_few_parameters
check 'each file names its licence' files_name_their_licence
check 'config.h is the first include, and in no header' config_h_comes_first
check 'nothing is left to do' nothing_is_left_to_do
check 'each header compiles alone' headers_stand_alone
check 'JSON is read in one place' json_has_one_reader
check 'data files are in the Makefile' data_is_listed
check 'shell scripts pass shellcheck' scripts_pass_shellcheck
check 'python files compile' python_compiles
check 'manuals pass mandoc' manuals_pass_mandoc
check 'docker-compose.yml parses' compose_file_parses
check 'French has its spaces and apostrophes' french_is_set_as_in_print
exit "$status"
