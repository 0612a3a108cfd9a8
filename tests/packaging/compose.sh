#!/bin/sh
# SPDX-License-Identifier: MIT
# docker-compose.yml, for real: up, healthy, book, mail; each container killed
# in turn; three senders; down, up again with the data there.
#
# usage: compose.sh DIRECTORY      as root
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
top=${self%/tests/*}
# shellcheck source=tests/packaging/compose-parts.sh
. "$here/compose-parts.sh"

prepare docker-compose.yml "$1"
build_and_start_engine
in_project docker/make-secrets.sh >/dev/null
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
