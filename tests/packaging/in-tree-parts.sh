# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the scripts that run inside a fresh tree share; they source it in the
# directory to which the test was copied.

here=$PWD
mail=$here/mail
passed=0

die()
{
	echo "not ok - $*"
	tail -n 15 "$here"/*.log 2>/dev/null || :
	exit 1
}

ok()
{
	passed=$((passed + 1))
	echo "ok - $*"
}

# is STATUS WHAT COMMAND ...
is()
{
	want=$1
	what=$2
	shift 2
	got=0
	"$@" >"$here/said.log" 2>&1 || got=$?
	[ "$got" -eq "$want" ] || die "$what: status $got, not $want"
	ok "$what"
}

until_true()
{
	end=$(($(date +%s) + 60))
	what=$1
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$end" ] || die "not in time: $what"
		sleep 0.1
	done
}

nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# As the autopkgtest does it.  Times that are full lead elsewhere; a list may be
# a second old, but not for one who has a cookie.
book()
{
	page=$(curl -sf -b fresh=1 http://127.0.0.1/ |
		sed -n 's|.*href="\(/s/[a-z0-9-]*\).*|\1|p' | head -n 1)
	slot=$(curl -sf -b fresh=1 "http://127.0.0.1$page" |
		sed -n "s|.*href=\"$page/\\([0-9]*\\)[\"?].*|\\1|p" | head -n 1)
	key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	code=$(curl -s -o /dev/null -w '%{http_code}' \
		http://127.0.0.1/bookings -d "slot=$slot&key=$key&name=Zoe" \
		-d "lang=en&email=$1")
	[ "$code" = 303 ] || die "a booking was answered with $code"
}

count()
{
	grep -c "^$1\$" "$mail/begun" || :
}

number_of()
{
	mariadb -N -e "SELECT COUNT(*) FROM reservoir.$1"
}

# Every mail has its end, but for reminders: a booking in the evening has one
# that is due tomorrow.
all_are_settled()
{
	[ "$(number_of "notification WHERE due_at IS NOT NULL AND
		kind <> 'booking.reminder'")" -eq 0 ]
}
