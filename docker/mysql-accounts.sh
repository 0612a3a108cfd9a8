# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Read by the mysql image on its first start: the accounts that may change
# rows.  What they may change is granted by bookctl migrate (grants_file), whose
# account owns the tables.
account()
{
	printf "CREATE USER '%s'@'%%' IDENTIFIED BY '%s';\n" "$1" \
		"$(cat "/run/secrets/mysql_server_$2")"
}

{
	account reservoir app
	account reservoir_relay relay
	account reservoir_bookctl bookctl
	echo "GRANT ALL ON reservoir.* TO 'reservoir_owner'@'%'" \
		"WITH GRANT OPTION;"
} | docker_process_sql --database=mysql
