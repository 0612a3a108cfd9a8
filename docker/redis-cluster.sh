#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes a cluster of the six servers of compose-cluster.yml; waits until it is
# well if there is one already.
#
# usage: redis-cluster.sh ADDRESS:PORT ...
set -eu

REDISCLI_AUTH=$(cat /run/secrets/redis_cluster)
export REDISCLI_AUTH

# ask ADDRESS:PORT COMMAND ...
ask()
{
	at=$1
	shift
	redis-cli --user reservoir_cluster --no-auth-warning -h "${at%:*}" \
		-p "${at#*:}" "$@" 2>/dev/null | tr -d '\r'
}

# How many know of others, and how many see all slots served.
count()
{
	answered=0 joined=0 well=0
	for at in "$@"; do
		info=$(ask "$at" cluster info)
		case $info in
		*cluster_state:*) answered=$((answered + 1)) ;;
		esac
		case $info in
		*cluster_known_nodes:1"
"*) ;;
		*cluster_known_nodes:*) joined=$((joined + 1)) ;;
		esac
		case $info in
		*cluster_state:ok*) well=$((well + 1)) ;;
		esac
	done
}

end=$(($(date +%s) + 120))
while :; do
	count "$@"
	# Three quarters are enough: a replica may be away.
	[ "$well" -lt $(($# * 3 / 4)) ] || break
	if [ "$answered" -eq $# ] && [ "$joined" -eq 0 ]; then
		redis-cli --user reservoir_cluster --no-auth-warning \
			--cluster create "$@" --cluster-replicas 1 \
			--cluster-yes
	fi
	[ "$(date +%s)" -lt "$end" ] || {
		echo "no cluster: of $# servers $answered answer," \
			"$joined know others, $well are content" >&2
		exit 1
	}
	sleep 1
done
echo "the cluster is there"
