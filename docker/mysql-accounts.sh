# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Read by the mysql image on its first start: the account that may change
# rows, but no tables.
docker_process_sql --database=mysql <<END
CREATE USER 'reservoir'@'%' IDENTIFIED BY '$(cat /run/secrets/mysql_server_app)';
GRANT SELECT, INSERT, UPDATE, DELETE ON reservoir.* TO 'reservoir'@'%';
END
