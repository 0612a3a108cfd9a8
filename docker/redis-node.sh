#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts one server of compose-sentinel.yml or compose-cluster.yml.
#
# usage: redis-node.sh server|sentinel|cluster [OPTION ...]
# Such a server writes down what it learns from the others, so its settings are
# a file beside its data, made at its first start.  $MASTER is the address of
# the first master, $ADDRESS its own.
set -eu

umask 077
cd /data

server_settings()
{
	# What kept the queue before this file was there is kept.
	cat <<-END
	protected-mode no
	aclfile /run/secrets/redis_users
	masteruser reservoir_replica
	masterauth $(cat /run/secrets/redis_replica)
	appendonly yes
	appendfsync everysec
	maxmemory-policy noeviction
	END
	case $1 in
	server)
		# A master that is cut off takes nothing more.
		echo 'min-replicas-to-write 1'
		echo "replica-announce-ip $ADDRESS"
		[ "$ADDRESS" = "$MASTER" ] || echo "replicaof $MASTER 6379"
		;;
	cluster)
		echo 'cluster-enabled yes'
		echo 'cluster-node-timeout 5000'
		echo "cluster-announce-ip $ADDRESS"
		;;
	esac
}

sentinel_settings()
{
	cat <<-END
	protected-mode no
	aclfile /run/secrets/sentinel_users
	sentinel announce-ip $ADDRESS
	sentinel sentinel-user reservoir_sentinel
	sentinel sentinel-pass $(cat /run/secrets/redis_sentinel)
	sentinel monitor reservoir $MASTER 6379 2
	sentinel auth-user reservoir reservoir_sentinel
	sentinel auth-pass reservoir $(cat /run/secrets/redis_sentinel)
	sentinel down-after-milliseconds reservoir 3000
	sentinel failover-timeout reservoir 10000
	END
}

kind=$1
shift
file=/data/$kind.conf
if [ ! -s "$file" ]; then
	case $kind in
	sentinel) sentinel_settings >"$file.part" ;;
	*) server_settings "$kind" >"$file.part" ;;
	esac
	mv "$file.part" "$file"
fi
[ "$kind" != sentinel ] || set -- --sentinel "$@"
# The image's own: it gives /data to its user, and becomes that.
exec docker-entrypoint.sh redis-server "$file" "$@"
