#!/bin/sh
# SPDX-License-Identifier: MIT
# What the entry points of the public images do: give the data to the server's
# user and become that.
set -eu

become()
{
	find "$2" ! -user "$1" -exec chown "$1" '{}' +
	user=$1
	shift 2
	umask 077
	exec setpriv --reuid="$user" --regid="$user" --clear-groups -- "$@"
}

case $1 in
redis-server)
	cd /data
	# The public image is built without it.
	become redis /data "$@" --protected-mode no
	;;
rabbitmq-server)
	# One process, which takes its signals itself.
	export RUNNING_UNDER_SYSTEMD=true HOME=/var/lib/rabbitmq
	become rabbitmq /var/lib/rabbitmq /usr/lib/rabbitmq/bin/rabbitmq-server
	;;
mariadbd|-*)
	[ "$1" != mariadbd ] || shift
	mkdir -p /run/mysqld
	chown mysql /run/mysqld
	become mysql /var/lib/mysql /usr/local/bin/mysql "$@"
	;;
esac
exec "$@"
