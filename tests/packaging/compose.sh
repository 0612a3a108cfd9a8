#!/bin/sh
# SPDX-License-Identifier: MIT
# docker-compose.yml, for real: up, healthy, book, mail; each container killed
# in turn; three senders; down, up again with the data there.
#
# usage: compose.sh DIRECTORY      as root
# Images cannot be pulled everywhere, so ours is built on a tree made here, and
# compose/override.yml puts Debian's servers in place of the public images.
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
top=${self%/tests/*}
# shellcheck source=tests/packaging/tree.sh
. "$here/tree.sh"
# shellcheck source=tests/packaging/engine.sh
. "$here/engine.sh"

why=$(engine_is_missing)
if [ -n "$why" ]; then
	echo "skipped - docker-compose.yml: $why"
	[ "${REQUIRE_SERVERS:-}" != 1 ] || exit 1
	exit 0
fi
mkdir -p "$1"
work=$(readlink -f -- "$1")
exec 9>"$work/compose.lock"
flock -n 9 || {
	echo "not ok - another run works in $work"
	exit 1
}
engine=$work/engine
project=$work/project
# With vfs a container is slow to make.
export COMPOSE_HTTP_TIMEOUT=600 DOCKER_BUILDKIT=0 COMPOSE_PROJECT_NAME=reservoir
export HTTP_PORT=8080 MAILBOX_PORT=8025 MAILD_CHECK_INTERVAL=5s

die()
{
	echo "not ok - $*"
	{ compose ps; compose logs --tail 15; } 2>&1 | tail -n 120
	exit 1
}

ok()
{
	echo "ok - $*"
}

inside()
{
	ip netns exec "$netns" "$@"
}

compose()
{
	DOCKER_HOST=unix://$engine/docker.sock docker-compose \
		--project-directory "$project" \
		-f "$project/docker-compose.yml" \
		-f "$project/tests/packaging/compose/override.yml" "$@"
}

until_true()
{
	end=$(($(date +%s) + $1))
	what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$end" ] || die "not in time: $what"
		sleep 0.5
	done
}

health()
{
	docker inspect -f '{{if .State.Health}}{{.State.Health.Status}}{{end}}' \
		"$1"
}

# All that have a health check say "healthy".
is_healthy()
{
	for id in $(compose ps -q); do
		case $(docker inspect -f '{{.State.Status}}' "$id") in
		running) ;;
		exited) continue ;;
		*) return 1 ;;
		esac
		case $(health "$id") in
		healthy|'') ;;
		*) return 1 ;;
		esac
	done
}

# One that does not answer its health check for three times.
is_ill()
{
	[ "$(health "$(compose ps -q "$1")")" = unhealthy ]
}

page()
{
	inside curl -sf --max-time 10 "http://127.0.0.1:$HTTP_PORT$1"
}

# A time may fill up in the second for which nginx keeps the list: the next one
# is taken then, as a visitor would.
book()
{
	until_true 20 "the booking of $1" book_what_is_listed "$1"
}

book_what_is_listed()
{
	service=$(page / | sed -n 's|.*href="\(/s/[a-z0-9-]*\).*|\1|p' |
		head -n 1)
	slot=$(page "$service" |
		sed -n "s|.*href=\"$service/\\([0-9]*\\)[\"?].*|\\1|p" |
		head -n 1)
	key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	code=$(inside curl -s -o /dev/null -w '%{http_code}' --max-time 20 \
		"http://127.0.0.1:$HTTP_PORT/bookings" \
		-d "slot=$slot&key=$key&name=Zoe&lang=en&email=$1")
	[ "$code" = 303 ]
}

has_come()
{
	inside curl -sf "http://127.0.0.1:$MAILBOX_PORT/api/v1/messages" |
		grep -q "\"$1\""
}

book_and_read()
{
	book "$1"
	until_true 90 "the mail to $1" has_come "$1"
}

# No process of our containers is root's.
nobody_is_root()
{
	for id in $(compose ps -q booking maild); do
		docker top "$id" -o pid,uid >"$work/top" ||
			die 'no list of processes'
		awk 'NR > 1 { seen = 1; if ($2 == 0) root = 1 }
			END { exit !seen || root }' "$work/top" ||
			die "a process runs as root: $(cat "$work/top")"
		[ "$(docker inspect -f '{{.HostConfig.ReadonlyRootfs}}' \
			"$id")" = true ] || die 'a root is not read-only'
	done
	ok 'no process of ours is root, and no root file system is writable'
}

finish()
{
	[ ! -S "$engine/docker.sock" ] ||
		compose down -v --timeout 5 >>"$work/down.log" 2>&1 || :
	stop_run_engine
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

make_base "$work/base" apt adduser
rm -rf "$project"
mkdir -p "$project"
# What a clone would hold, without what was built.
(cd "$top" && git ls-files -z 2>/dev/null | tar --null -T - -cf -) |
	tar -C "$project" -xf -

start_build_engine
docker image inspect debian:bookworm-slim >/dev/null 2>&1 ||
	docker import "$work/base.tar" debian:bookworm-slim >/dev/null
docker build --network host -t reservoir-standin \
	-f "$project/tests/packaging/compose/Dockerfile" "$project" \
	>"$work/build.log" 2>&1 || { tail -n 30 "$work/build.log"; exit 1; }
docker build --network host -t reservoir:0.1.0 \
	-f "$project/docker/Dockerfile" "$project" >>"$work/build.log" 2>&1 ||
	{ tail -n 30 "$work/build.log"; exit 1; }
ok 'the image is built from a clone'
stop_engine
start_run_engine

sh "$project/docker/make-secrets.sh" >/dev/null
compose up -d --no-build >"$work/up.log" 2>&1 || {
	tail -n 20 "$work/up.log"
	die 'up'
}
until_true 180 'all healthy' is_healthy
ok 'up, and all are healthy'
book_and_read first@example.org
ok 'a booking, and its mail in the mailbox'
nobody_is_root

for name in booking maild redis mysql nginx mailpit; do
	# From outside, as a crash: after "docker kill" the engine would take
	# the container for one that is not wanted any more.
	id=$(compose ps -q "$name")
	victim=$(docker inspect -f '{{.State.Pid}}' "$id")
	kill -KILL "$victim"
	until_true 30 "the death of $name" [ ! -d "/proc/$victim" ]
	until_true 120 "health after the kill of $name" is_healthy
	book_and_read "after-$name@example.org"
	ok "$name killed: all healthy again, a booking and its mail"
done

# What the health check says is true: Redis is well, and still.
compose stop mailpit >>"$work/up.log" 2>&1 || die 'stop the mailbox'
until_true 90 'illness of maild without a mail server' is_ill maild
is_ill booking && die 'booking is ill without a mail server'
book waits@example.org
compose start mailpit >>"$work/up.log" 2>&1 || die 'start the mailbox'
until_true 120 'health with a mail server' is_healthy
until_true 90 'the mail that waited' has_come waits@example.org
ok 'maild is ill while no mail server answers, and booking is not'

compose up -d --no-build --scale maild=3 >>"$work/up.log" 2>&1 ||
	die 'three senders'
until_true 120 'three senders healthy' is_healthy
[ "$(compose ps -q maild | wc -l)" -eq 3 ] || die 'not three senders'
for n in 1 2 3 4 5 6; do
	book "three-$n@example.org"
done
for n in 1 2 3 4 5 6; do
	until_true 60 "mail $n of three senders" has_come \
		"three-$n@example.org"
done
ok 'three senders share the work'

compose down >>"$work/down.log" 2>&1 || die 'down'
compose up -d --no-build >>"$work/up.log" 2>&1 || die 'up again'
until_true 180 'all healthy again' is_healthy
rows=$(compose exec -T mysql mariadb -u root -N -e \
	'SELECT COUNT(*) FROM reservoir.booking') || die 'the database'
[ "$rows" -ge 12 ] || die "only $rows bookings are left"
book_and_read last@example.org
ok 'down and up again: the bookings are there'
