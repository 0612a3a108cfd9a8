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

for name in server_key mysql_app mysql_owner mysql_server_root; do
	[ -s "$name" ] || random >"$name"
done
cp mysql_app mysql_server_app
cp mysql_owner mysql_server_owner
chmod 644 mysql_server_app mysql_server_owner mysql_server_root
echo "secrets are in $PWD"
