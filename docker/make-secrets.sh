#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the random secrets that docker-compose.yml names; keeps those there.
set -eu
umask 077
self=$(readlink -f -- "$0")
mkdir -p "${self%/*}/secrets"
cd "${self%/*}/secrets"

# Nobody but us passes through the directory; inside, files that another
# image's user must read are open.
chmod 700 .

random()
{
	od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

for name in server_key mysql_app mysql_relay mysql_bookctl mysql_owner \
	mysql_server_root redis_booking redis_relay redis_maild \
	redis_operator redis_bounce redis_amqp redis_replica redis_sentinel \
	redis_cluster sentinel rabbitmq_cookie rabbitmq_reservoir \
	rabbitmq_programs; do
	[ -s "$name" ] || random >"$name"
done
for name in app relay bookctl owner; do
	cp "mysql_$name" "mysql_server_$name"
done
# What Redis may know of its users' passwords: what they may be recognised by.
sed -n -e '/^user /p' -e 's/^#\(user reservoir_\)/\1/p' \
	../../etc/redis-users.conf >redis_users
for name in booking relay maild operator bounce amqp replica sentinel \
	cluster; do
	hash=$(sha256sum "redis_$name")
	sed -i "s/#@$name@/#${hash%% *}/" redis_users
done
# Sentinels tell our programs where the master is, and each other everything.
cat >sentinel_users <<END
user default on #$(sha256sum sentinel | cut -d ' ' -f 1) resetkeys resetchannels -@all +ping +sentinel|get-master-addr-by-name
user reservoir_sentinel on #$(sha256sum redis_sentinel | cut -d ' ' -f 1) allchannels +@all
END

# What RabbitMQ may know of a password: some salt, and the hash of both.
hash_of()
{
	hash=$(printf 'salt%s' "$(cat "$1")" | sha256sum)
	{
		printf salt
		for byte in $(echo "${hash%% *}" | sed 's/../0x& /g'); do
			# shellcheck disable=SC2059 # a byte by its number
			printf "\\$(printf '%03o' "$byte")"
		done
	} | base64
}

# maild-amqp makes its queues; programs only publish.
cat >rabbitmq_definitions <<END
{
  "vhosts": [{"name": "/"}],
  "users": [
    {"name": "reservoir", "tags": [],
     "hashing_algorithm": "rabbit_password_hashing_sha256",
     "password_hash": "$(hash_of rabbitmq_reservoir)"},
    {"name": "programs", "tags": [],
     "hashing_algorithm": "rabbit_password_hashing_sha256",
     "password_hash": "$(hash_of rabbitmq_programs)"}
  ],
  "permissions": [
    {"user": "reservoir", "vhost": "/", "configure": "^reservoir\\\\.",
     "write": "^(reservoir\\\\..*|amq\\\\.default|)\$", "read": "^reservoir\\\\."},
    {"user": "programs", "vhost": "/", "configure": "^\$",
     "write": "^(amq\\\\.default|)\$", "read": "^\$"}
  ]
}
END
chmod 644 mysql_server_app mysql_server_relay mysql_server_bookctl \
	mysql_server_owner mysql_server_root redis_users sentinel_users \
	rabbitmq_definitions
echo "secrets are in $PWD"
