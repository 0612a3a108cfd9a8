#!/bin/bash
# SPDX-License-Identifier: MIT
# Starts one database server of compose-galera.yml: alone if it is the first
# ever, or the last that stopped; else it joins those that are there.
#
# usage: galera-node.sh [OPTION ...]
# $PEERS are the others.  Where $BEGINS is "yes" a server without data begins a
# database, but only if none has ever joined it: had it lost its data later, the
# others would take its empty database for theirs.
set -eu

data=/var/lib/mysql
joined=/var/lib/galera/joined
new=

# Whether a server is there that has the majority, to be joined.
group_is_there()
{
	MYSQL_PWD=$(cat /run/secrets/mysql_server_owner)
	export MYSQL_PWD
	for peer in $PEERS; do
		! mariadb --connect-timeout=2 -h "$peer" -u reservoir_owner \
			-N -e "SHOW GLOBAL STATUS LIKE 'wsrep_cluster_status'" \
			2>/dev/null | grep -qw Primary || return 0
	done
	return 1
}

if grep -qs '^safe_to_bootstrap: 1' "$data/grastate.dat"; then
	group_is_there || new=--wsrep-new-cluster
elif [ ! -e "$data/grastate.dat" ] && [ "$BEGINS" = yes ] &&
	[ ! -e "$joined" ]; then
	new=--wsrep-new-cluster
elif [ ! -e "$data/grastate.dat" ]; then
	# What it would make now is replaced by what the others have.
	echo 'waiting for a server of the group'
	until group_is_there; do
		sleep 1
	done
	: >"$joined"
fi
unset MYSQL_PWD

# The times say how soon a silent server is given up: until then the others
# commit nothing.
exec docker-entrypoint.sh mariadbd --wsrep-on=ON \
	--wsrep-provider=/usr/lib/galera/libgalera_smm.so \
	--wsrep-cluster-name=reservoir --wsrep-cluster-address="gcomm://$(
		echo "$PEERS" | tr ' ' ',')" \
	--wsrep-node-name="$(hostname)" --binlog-format=ROW \
	--innodb-autoinc-lock-mode=2 --wsrep-sst-method=mariabackup \
	--wsrep-sst-auth=mysql: --wsrep-provider-options='evs.keepalive_period=PT0.5S; evs.suspect_timeout=PT2S; evs.inactive_timeout=PT4S; evs.install_timeout=PT4S' \
	"$@" $new
