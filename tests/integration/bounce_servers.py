# SPDX-License-Identifier: MIT
"""Real mail servers that bounce, and hand what bounces to our reader.

Mail for *.example goes to another port of this host; a domain of SLOW to a
port where nobody is, one of BOX is delivered.  What comes to BOUNCES is read by
reservoir-bounce, run as nobody.
"""

import contextlib
import os
import shutil
import subprocess

from mail_servers import DAEMON_DIR, _beside, _need, _room, _running
from stack.layout import free_port, write_text

BOUNCES, SLOW, BOX = "rdv.example", "slow.example", "box.example"

POSTFIX_MAIN = """\
compatibility_level = 3.6
config_directory = {dir}/conf
queue_directory = {dir}/queue
data_directory = {dir}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {dir}/log
maillog_file_prefixes = {dir}
myhostname = mx.reservoir.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [127.0.0.1]:{next_port}
smtp_tls_security_level = none
recipient_delimiter = +
transport_maps = inline:{{ {{ rdv.example = reservoir: }},
 {{ slow.example = smtp:[127.0.0.1]:{dead_port} }},
 {{ box.example = discard: }} }}
reservoir_destination_recipient_limit = 1
delay_warning_time = 1s
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
"""

POSTFIX_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
reservoir unix - n n - 4 pipe
  flags=Rq user=nobody argv={reader} -c {conf} ${{original_recipient}}
"""

EXIM_CONF = """\
exim_user = nobody
exim_group = nogroup
spool_directory = {dir}/spool
log_file_path = {dir}/log/%slog
pid_file_path = {dir}/pid
primary_hostname = mx.reservoir.example
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
tls_advertise_hosts =
dsn_advertise_hosts = {dsn}
acl_smtp_rcpt = accept
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
deliver_drop_privilege = true
delay_warning = 1s
# By default programs' mails, which ours say they are, have no warning.
delay_warning_condition = true
begin routers
bounces:
  driver = accept
  domains = rdv.example
  transport = reservoir
box:
  driver = accept
  domains = box.example
  transport = box
slow:
  driver = manualroute
  domains = slow.example
  route_list = * 127.0.0.1
  self = send
  transport = dead
next:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = next
begin transports
next:
  driver = smtp
  port = {next_port}
  allow_localhost
  hosts_try_fastopen =
dead:
  driver = smtp
  port = {dead_port}
  allow_localhost
box:
  driver = appendfile
  file = /dev/null
  user = nobody
reservoir:
  driver = pipe
  command = {reader} -c {conf}
  return_path_add
  envelope_to_add
  user = nobody
  temp_errors = 75
  log_output
begin retry
* * F,1h,1s
"""


@contextlib.contextmanager
def postfix(next_port, reader, conf):
    """Yields the port."""
    _need("postfix")
    with _room() as room:
        port = free_port()
        for name in ("conf", "queue", "data"):
            os.mkdir(os.path.join(room, name), 0o755)
        shutil.chown(os.path.join(room, "data"), "postfix")
        write_text(f"{room}/conf/main.cf", POSTFIX_MAIN.format(
            dir=room, next_port=next_port, dead_port=free_port()), 0o644)
        write_text(f"{room}/conf/master.cf", POSTFIX_MASTER.format(
            port=port, reader=reader, conf=conf), 0o644)
        # Makes the queue's directories.
        subprocess.run(["/usr/sbin/postfix", "-c", f"{room}/conf", "check"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=False)
        with _running([f"{DAEMON_DIR}/master", "-c", f"{room}/conf", "-d"],
                      port, [f"{room}/log"]):
            yield port


@contextlib.contextmanager
def exim(next_port, reader, conf, dsn="*"):
    """Yields the port; with dsn "" it does not offer reports."""
    before = _beside("exim4-daemon-light", ["Debian-exim"])
    with _room() as room:
        port = free_port()
        for name in ("spool", "log"):
            os.mkdir(os.path.join(room, name), 0o755)
            shutil.chown(os.path.join(room, name), "nobody", "nogroup")
        write_text(f"{room}/exim.conf", EXIM_CONF.format(
            dir=room, port=port, next_port=next_port,
            dead_port=free_port(), reader=reader, conf=conf, dsn=dsn),
            0o644)
        with _running([*before, "/usr/sbin/exim4", "-C", f"{room}/exim.conf",
                       "-bdf", "-q1s"], port,
                      [f"{room}/log/output", f"{room}/log/mainlog",
                       f"{room}/log/paniclog"]):
            yield port


SERVERS = {"postfix": postfix, "exim": exim}
