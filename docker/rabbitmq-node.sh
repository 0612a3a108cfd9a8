#!/bin/bash
# SPDX-License-Identifier: MIT
# Starts one server of compose-rabbitmq.yml.  At its very first start one that
# is not the first waits for $FIRST, which it then joins.
set -eu

data=/var/lib/rabbitmq
umask 077
# It sets memory aside for each file that it may open, millions with Docker.
ulimit -n 16384 || :

# What its servers know each other by.
rm -f "$data/.erlang.cookie"
cat /run/secrets/rabbitmq_cookie >"$data/.erlang.cookie"
chown rabbitmq /var/log/rabbitmq

[ -d "$data/mnesia" ] || [ "$FIRST" = "$HOSTNAME" ] ||
	until timeout 2 bash -c "exec 3<>/dev/tcp/$FIRST/5672" 2>/dev/null; do
		sleep 1
	done

# The image's own: it gives the data to its user, and becomes that.
exec docker-entrypoint.sh rabbitmq-server
