# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Read by the mariadb image on its first start: who copies the database to a
# server that joins.  Only the server's own user, on the same machine.
docker_process_sql --database=mysql <<'END'
CREATE USER IF NOT EXISTS mysql@localhost IDENTIFIED VIA unix_socket;
GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR, REPLICA MONITOR
	ON *.* TO mysql@localhost;
END
