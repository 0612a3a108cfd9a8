#!/bin/sh
# SPDX-License-Identifier: MIT
# In a fresh Debian, what a newcomer does in the clone beside this script.
#
# usage: trees-in-tree.sh deps WHAT | WHAT [WORD ...]
# What each step said is kept in logs/, beside the clone.
set -eu
cd "$(dirname -- "$0")/reservoir"
export LC_ALL=C.UTF-8
logs=$HOME/logs
mkdir -p "$logs"

die()
{
	echo "not ok - $*"
	exit 1
}

# quietly NAME COMMAND ...: shows the end of what it said only if it fails.
quietly()
{
	log=$logs/$1.log
	shift
	"$@" >"$log" 2>&1 || {
		tail -n 60 "$log"
		die "$*"
	}
}

# book LOG: one booking where ./dev said in LOG that the page is, and its mail.
book()
{
	/usr/bin/python3 tests/packaging/book-once.py \
		"$(sed -n 's/^ *bookings *//p' "$1")" \
		"$(sed -n 's/^ *mailbox *//p' "$1")"
}

sections()
{
	case $1 in
	check) echo build test ;;
	run) echo run build ;;
	test) echo run build test fuzz ;;
	esac
}

check()
{
	quietly build build-aux/dev/build.sh asan
	quietly check make -s -C build/asan -j "$(nproc)" check
	grep '^# ' "$logs/check.log"
	echo 'ok - make check'
}

run()
{
	./dev run >"$logs/run.log" 2>&1 &
	pid=$!
	until grep -q 'Ctrl-C' "$logs/run.log"; do
		kill -0 "$pid" 2>/dev/null || {
			tail -n 60 "$logs/run.log"
			die './dev run'
		}
		sleep 0.2
	done
	book "$logs/run.log" || die 'a booking with ./dev run'
	# TERM is as good as Ctrl-C, which a job in the background ignores.
	kill -TERM "$pid"
	wait "$pid" || die 'the end of ./dev run'
	echo 'ok - ./dev run, a booking and its mail'
	quietly up ./dev up --dir "$HOME/stack"
	book "$logs/up.log" || die 'a booking with ./dev up'
	quietly down ./dev down --dir "$HOME/stack"
	echo 'ok - ./dev up, a booking and its mail, ./dev down'
}

what=$1
shift
case $what in
deps)
	# shellcheck disable=SC2046 # several words
	quietly deps ./dev deps $(sections "$1")
	;;
check) check ;;
run) run ;;
test)
	./dev test "$@" || die "./dev test $*"
	echo "ok - ./dev test $*"
	;;
*) die "no such part: $what" ;;
esac
