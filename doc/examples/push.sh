#!/bin/sh
# SPDX-License-Identifier: MIT
# Has one mail sent, with redis-cli.
#
# usage: push.sh ID ADDRESS TEXT
# Redis is at $REDIS_SOCKET, or on this host.  Push again with the same ID when
# it fails: one id is one mail.
set -eu

fail()
{
	echo "push.sh: $*" >&2
	exit 1
}

# A text as JSON, with its quotes; line ends become \n, other controls go.
json_text()
{
	printf '%s' "$1" | tr -d '\000-\011\013-\037\177' |
		sed 's/[\\"]/\\&/g' |
		awk '{ printf "%s%s", sep, $0; sep = "\\n" }
		     BEGIN { printf "\"" } END { printf "\"" }'
}

[ $# -eq 3 ] || fail "usage: push.sh ID ADDRESS TEXT"
command -v redis-cli >/dev/null || fail "redis-cli is not installed"

if [ -n "${REDIS_SOCKET:-}" ]; then
	set -- "$@" -s "$REDIS_SOCKET"
fi
id=$1 address=$2 text=$3
shift 3

envelope=$(printf '{"v":1,"id":%s,"kind":"notice","to":{"email":%s},%s}' \
	"$(json_text "$id")" "$(json_text "$address")" \
	"\"data\":{\"subject\":\"A notice\",\"paragraphs\":[$(json_text "$text")]}")

# -x: the last argument comes from standard input, not over the command line,
# where every user of this host could read it.
answer=$(printf '%s' "$envelope" | redis-cli "$@" -x RPUSH '{maild}:intake') ||
	fail "Redis does not answer: $answer"
case $answer in
'' | *[!0-9]*) fail "Redis refused it: $answer" ;;
esac
