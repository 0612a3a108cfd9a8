# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154 # here and top are the caller's
# A site in containers, as a user would bring it up: for compose.sh and
# compose-engine.sh to source.
#
# Images cannot be pulled everywhere, so ours is built on a tree made here, and
# compose/override.yml puts Debian's servers in place of the public images.
# shellcheck source=tests/packaging/tree.sh
. "$here/tree.sh"
# shellcheck source=tests/packaging/engine.sh
. "$here/engine.sh"

# prepare WHAT DIRECTORY: where the site is to be; ends if that cannot be here.
prepare()
{
	why=$(engine_is_missing)
	if [ -n "$why" ]; then
		echo "skipped - $1: $why"
		[ "${REQUIRE_SERVERS:-}" != 1 ] || exit 1
		exit 0
	fi
	mkdir -p "$2"
	work=$(readlink -f -- "$2")
	exec 9>"$work/compose.lock"
	flock -n 9 || {
		echo "not ok - another run works in $work"
		exit 1
	}
	engine=$work/engine
	project=$work/project
	# With vfs a container is slow to make.
	export COMPOSE_HTTP_TIMEOUT=600 DOCKER_BUILDKIT=0
	export COMPOSE_PROJECT_NAME=reservoir
	export HTTP_PORT=8080 MAILBOX_PORT=8025 MAILD_CHECK_INTERVAL=5s
}

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

# A command as the user types it in a clone; docker-compose is our wrapper.
in_project()
{
	(
		cd "$project" || exit 1
		PATH=$project/tests/packaging/compose:$PATH
		export PATH DOCKER_HOST="unix://$engine/docker.sock"
		exec "$@"
	)
}

compose()
{
	in_project docker-compose "$@"
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

# From nothing to an engine that has the images, and secrets.
build_and_start_engine()
{
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
		"$project/tests/packaging/compose" \
		>"$work/build.log" 2>&1 || {
		tail -n 30 "$work/build.log"
		exit 1
	}
	compose build migrate >>"$work/build.log" 2>&1 || {
		tail -n 30 "$work/build.log"
		exit 1
	}
	ok 'the image is built from a clone'
	stop_engine
	start_run_engine
}
