# SPDX-License-Identifier: MIT
"""Real mail servers that bounce, and hand what bounces to our reader.

Mail for *.example goes to another port of this host; a domain of SLOW to a
port where nobody is, one of BOX is delivered.  What comes to BOUNCES is read by
reservoir-bounce, run as nobody.
"""

from mail_servers import exim_of, postfix_of
from stack.layout import free_port

BOUNCES, SLOW, BOX = "rdv.example", "slow.example", "box.example"

POSTFIX_MAIN = """\
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
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
qmgr unix n - n 1 1 qmgr
retry unix - - n - - error
discard unix - - n - - discard
reservoir unix - n n - 4 pipe
  flags=Rq user=nobody argv={reader} -c {conf} ${{original_recipient}}
"""

EXIM_CONF = """\
tls_advertise_hosts =
dsn_advertise_hosts = {dsn}
acl_smtp_rcpt = accept
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


def postfix(next_port, reader, conf):
    """Yields the port."""
    main = POSTFIX_MAIN.format(dead_port=free_port())
    return postfix_of(lambda _room: main,
                      POSTFIX_MASTER.format(reader=reader, conf=conf),
                      next_port)


def exim(next_port, reader, conf, dsn="*"):
    """Yields the port; with dsn "" it does not offer reports."""
    text = EXIM_CONF.format(next_port=next_port, dead_port=free_port(),
                            reader=reader, conf=conf, dsn=dsn)
    return exim_of(lambda _room, _port: text, "1s")


SERVERS = {"postfix": postfix, "exim": exim}
