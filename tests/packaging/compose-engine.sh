#!/bin/sh
# SPDX-License-Identifier: MIT
# docker-compose.yml with several servers of a kind, as doc/operations.md has
# it: a fresh site books and mails; so it does while the server that has the
# work is dead, within a limit; nothing is lost, nothing comes twice.
#
# usage: compose-engine.sh DIRECTORY sentinel|cluster|galera|rabbitmq   as root
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
top=${self%/tests/*}
# shellcheck source=tests/packaging/compose-parts.sh
. "$here/compose-parts.sh"

kind=$2
booked=

# How long the mail of a booking may take while a server is dead.
limit_s=30

# The commands of the page, as typed in a clone.
typed()
{
	awk -v word="$1" '/^```/ { on = $0 == "```sh " word; next } on' \
		"$project/doc/operations.md" >"$work/typed.sh"
	[ -s "$work/typed.sh" ] || die "no commands for $1 in operations.md"
	in_project sh -eux "$work/typed.sh" >>"$work/up.log" 2>&1 || {
		tail -n 20 "$work/up.log"
		die "the commands for $1"
	}
}

book_next()
{
	book "$1@example.org"
	booked="$booked $1"
}

mails_to()
{
	inside curl -sf "http://127.0.0.1:$MAILBOX_PORT/api/v1/messages" |
		grep -o "\"To\": \"$1@example.org\"" | wc -l
}

each_came_once()
{
	for name in $booked; do
		count=$(mails_to "$name")
		[ "$count" -eq 1 ] || die "$name got $count mails"
	done
}

# All containers have limits; all but the plain MySQL can write only where their
# data are, and have no capability that they do not need.
all_are_confined()
{
	for id in $(compose ps -q); do
		said=$(docker inspect -f '{{.Name}} {{.HostConfig.Memory}}
			{{.HostConfig.PidsLimit}} {{.HostConfig.SecurityOpt}}
			{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}
			' "$id" | tr -s '[:space:]' ' ')
		# shellcheck disable=SC2086 # its words
		set -- $said
		[ "$2" -gt 0 ] || die "no limit of memory: $said"
		[ "$3" -gt 0 ] || die "no limit of processes: $said"
		[ "$4" = '[no-new-privileges:true]' ] || die "privileges: $said"
		case $kind:$1:$5:$6 in
		*:true:\[ALL\]) ;;
		galera:*) die "not confined: $said" ;;
		*mysql*) ;;
		*) die "not confined: $said" ;;
		esac
	done
	ok 'all containers have limits, and no more rights than they need'
}

# ---- each kind: the server that has the work, and what else is to be seen ---

secret()
{
	cat "$project/docker/secrets/$1"
}

victim_of_sentinel()
{
	address=$(compose exec -T sentinel-3 redis-cli -p 26379 \
		--no-auth-warning -a "$(secret sentinel)" \
		sentinel get-master-addr-by-name reservoir | head -n 1)
	case $address in
	*.11) echo redis ;;
	*.1[23]) echo "redis-${address##*.1}" ;;
	*) return 1 ;;
	esac
}

# ask_cluster SERVER COMMAND ...
ask_cluster()
{
	at=$1
	shift
	compose exec -T "$at" redis-cli --user reservoir_cluster \
		--no-auth-warning -a "$(secret redis_cluster)" cluster "$@" |
		tr -d '\r'
}

# The owner of our slot, as the first says that answers.
victim_of_cluster()
{
	for at in redis redis-2 redis-3 redis-4; do
		slot=$(ask_cluster "$at" keyslot '{maild}:intake') || continue
		ask_cluster "$at" nodes | awk -v slot="$slot" '
			$3 ~ /master/ && $3 !~ /fail/ {
				for (i = 9; i <= NF; i++) {
					split($i, of, "-")
					if (of[1] <= slot + 0 && slot + 0 <= of[2])
						print $2
				}
			}' | sed 's/:.*//; s/.*\.3//; s/^/redis-/; s/-1$//'
		return
	done
	return 1
}

ask_mysql()
{
	at=$1
	shift
	compose exec -T "$at" mariadb -u root -N -e "$*"
}

# The one that booking.fcgi works with.
victim_of_galera()
{
	for at in mysql mysql-2 mysql-3; do
		count=$(ask_mysql "$at" 'SELECT COUNT(*)
			FROM information_schema.processlist
			WHERE user = "reservoir"') || continue
		[ "$count" -eq 0 ] || {
			echo "$at"
			return
		}
	done
	return 1
}

# The leader of the queue.
victim_of_rabbitmq()
{
	for at in rabbitmq rabbitmq-2 rabbitmq-3; do
		leader=$(compose exec -T "$at" rabbitmqctl -q list_queues name \
			leader | sed -n 's/^reservoir\.mails.*rabbit@//p' |
			tr -d '\r') || continue
		[ -z "$leader" ] || {
			echo "$leader"
			return
		}
	done
	return 1
}

# A program publishes, with a confirm, to whichever server takes it.
publish()
{
	for port in 5672 5673 5674; do
		user=programs:$(secret rabbitmq_programs)
		! inside env AMQP_URL="amqp://$user@127.0.0.1:$port/%2F" \
			timeout 10 /usr/bin/python3 \
			"$project/doc/examples/amqp.py" "program-$1" \
			"$1@example.org" Hello || return 0
	done
	return 1
}

publish_next()
{
	until_true "$limit_s" "the message of $1" publish "$1"
	booked="$booked $1"
}

# ---- the test --------------------------------------------------------------

# Where programs publish, too, so does one here.
take_next()
{
	book_next "$1"
	[ "$kind" != rabbitmq ] || publish_next "program-$1"
}

# have_come SECONDS WHEN: the mails of all that was taken.
have_come()
{
	for name in $booked; do
		until_true "$1" "the mail to $name $2" \
			has_come "$name@example.org"
	done
}

# survives ROUND
survives()
{
	victim=$("victim_of_$kind") || die 'nobody has the work'
	[ -n "$victim" ] || die 'nobody has the work'
	compose kill "$victim" >>"$work/up.log" 2>&1 || die "kill $victim"
	begin=$(date +%s)
	take_next "$1-without-$victim"
	have_come "$limit_s" "without $victim"
	took=$(($(date +%s) - begin))
	[ "$took" -le "$limit_s" ] || die "a mail came after $took s"
	for n in 1 2 3; do
		take_next "$1-without-$victim-$n"
	done
	have_come "$limit_s" "without $victim"
	ok "$victim killed: a booking's mail came after $took s"
	compose start "$victim" >>"$work/up.log" 2>&1 || die "start $victim"
	until_true 240 "health after $victim is back" is_healthy
	take_next "$1-after-$victim"
	have_come 90 "with $victim back"
	each_came_once
	ok "$victim back: a booking and its mail; no mail came twice"
}

prepare "docker/compose-$kind.yml" "$1"
build_and_start_engine
typed "compose_$kind"
until_true 300 'all healthy' is_healthy
ok 'up, and all are healthy'
take_next first
have_come 90 'at first'
ok 'a booking, and its mail in the mailbox'
nobody_is_root
all_are_confined
survives once
# The one that has the work now is another, or has it again.
survives again

compose down >>"$work/down.log" 2>&1 || die 'down'
# The mailbox is empty then.
booked=
compose up -d --no-build >>"$work/up.log" 2>&1 || die 'up again'
until_true 300 'all healthy again' is_healthy
rows=$(compose exec -T mysql mariadb -u root -N -e \
	'SELECT COUNT(*) FROM reservoir.booking') || die 'the database'
[ "$rows" -eq 11 ] || die "$rows bookings are there"
take_next last
have_come 90 'at last'
each_came_once
ok 'down and up again: the bookings are there'
