# SPDX-License-Identifier: MIT
"""A Galera cluster: several MariaDB servers, each of which has everything."""

import os
import re
import shutil
import subprocess

from .dbserver import DbServer
from .engines import ENVIRONMENT
from .layout import free_port, write_text
from .procs import Trouble, stop, wait_until

LIMIT_S = 90
PROVIDER = "/usr/lib/galera/libgalera_smm.so"

# How soon a silent node is given up, as in doc/operations.md.
TIMES = ("evs.keepalive_period=PT0.5S; evs.suspect_timeout=PT2S; "
         "evs.inactive_timeout=PT4S; evs.install_timeout=PT4S")

NODE = """\
binlog_format = ROW
innodb_autoinc_lock_mode = 2
wsrep_on = ON
wsrep_provider = {provider}
wsrep_cluster_name = reservoir
wsrep_cluster_address = gcomm://{all}
wsrep_node_name = node{number}
wsrep_node_address = 127.0.0.1:{port}
wsrep_sst_receive_address = 127.0.0.1:{ist}
wsrep_sst_method = missed
wsrep_provider_options = "base_port={port}; ist.recv_addr=127.0.0.1:{ist}; \
gmcast.listen_addr=tcp://127.0.0.1:{port}; gcache.size=128M; {times}"
"""


# All nodes begin with the same files, and one that comes back asks only for
# what it has missed.  That, too, begins as a copy of everything would, which
# takes a script of that name; this one copies nothing.
TRANSFER = """\
#!/bin/sh
set -eu
# MariaDB 11.8 writes into its input, and fails if nobody reads that.
exec 3<&0
cat <&3 >/dev/null 2>&1 &
role= address= position= only_missed=
while [ $# -gt 0 ]; do
	case $1 in
	--role) role=$2; shift ;;
	--address) address=$2; shift ;;
	--gtid) position=$2; shift ;;
	--bypass) only_missed=1 ;;
	esac
	shift
done
told={dir}/transfer-$(echo "${{address%%/*}}" | tr -c '0-9\\n' -)
case $role in
joiner)
	rm -f "$told"
	echo "ready $address"
	while [ ! -s "$told" ]; do sleep 0.1; done
	cat "$told"
	rm -f "$told"
	;;
donor)
	[ "$only_missed" ] || exit 95
	echo "$position" >"$told.part"
	mv "$told.part" "$told"
	echo "done $position"
	;;
esac
"""


class Galera:
    """Nodes on loopback; close() ends all of them."""

    def __init__(self, directory, count=3):
        self.nodes = []
        script = os.path.join(directory, "wsrep_sst_missed")
        write_text(script, TRANSFER.format(dir=directory), 0o755)
        self.env = {"PATH": f"{directory}:{ENVIRONMENT['PATH']}"}
        ports = [(free_port(), free_port()) for _ in range(count)]
        everyone = ",".join(f"127.0.0.1:{group}" for group, _ in ports)
        try:
            for number, (group, ist) in enumerate(ports):
                self._add(os.path.join(directory, str(number)), NODE.format(
                    provider=PROVIDER, all=everyone, number=number,
                    port=group, ist=ist, times=TIMES))
            self.nodes[0].start("--wsrep-new-cluster")
            for node in self.nodes[1:]:
                self.revive(node)
        except BaseException:
            self.close()
            raise

    def _add(self, where, more):
        if not self.nodes:
            first = DbServer(where, more, env=self.env)
            self.nodes.append(first)
            first.start("--wsrep-new-cluster")
            if not stop(first.proc.pid, LIMIT_S):
                raise Trouble(f"the first node did not end: {first.log}")
            first.proc.wait()
            return
        first = os.path.join(self.nodes[0].dir, "data")
        data = os.path.join(where, "data")
        shutil.copytree(first, data, ignore=shutil.ignore_patterns(
            "galera.cache", "gvwstate.dat", "auto.cnf"))
        self.nodes.append(DbServer(where, more, env=self.env))

    @property
    def hosts(self):
        """The mysql_host of our programs."""
        return ", ".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def ask(self, statement, *values, database=None):
        """Of any node that lives."""
        node = next(node for node in self.nodes if node.runs())
        return node.ask(statement, *values, database=database)

    def status(self, node, name):
        rows = node.ask("SHOW GLOBAL STATUS LIKE %s", name)
        return rows[0][1] if rows else ""

    def wait_synced(self, node):
        def synced():
            return node.serves() and \
                self.status(node, "wsrep_local_state_comment") == "Synced"
        wait_until(synced, LIMIT_S, f"a node that is in step: {node.log}", 0.2)

    def revive(self, node):
        """Starts it where it stopped, as galera_recovery does."""
        node.begin(*self._position(node))
        self.wait_synced(node)

    def _position(self, node):
        done = subprocess.run(
            node.engine.command(f"--defaults-file={node.cnf}",
                                "--wsrep-recover"),
            env=node.env, capture_output=True, text=True,
            timeout=LIMIT_S, check=False)
        found = re.findall(r"Recovered position: (\S+)", done.stderr)
        if not found:
            raise Trouble(f"no position: {done.stderr[-2000:]}")
        return [f"--wsrep-start-position={found[-1]}"]

    def close(self):
        for node in self.nodes:
            node.close()
