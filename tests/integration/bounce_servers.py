# SPDX-License-Identifier: MIT
"""Real mail servers that bounce, and hand what bounces to our reader.

Mail for *.example goes to another port of this host; a domain of SLOW to a
port where nobody is, one of BOX is delivered.  What comes to BOUNCES is read by
reservoir-bounce, run as nobody.
"""

import os
import shutil

from mail_servers import exim_of, postfix_of
from stack import confs
from stack.layout import free_port, write_text
from stack.rig import Rig

KEY = "0123456789abcdef0123456789abcdef"
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


def refuse(rig):
    """The next server's plan: by recipient, or by the mail."""
    def plan(step, session, _mail):
        recipient = [line for which, line in rig.server.commands
                     if which == session and line.startswith("RCPT")]
        to = recipient[-1].partition("<")[2].partition(">")[0] if (
            recipient) else ""
        if step == "rcpt" and to.startswith("unknown"):
            return f"550 5.1.1 <{to}>: Recipient address rejected: unknown"
        if step == "dot" and to.startswith("full"):
            return "552 5.2.2 The mailbox is full"
        return None
    return plan


class Scene:
    """maild, a directory for nobody with the reader and its settings.

    bounces: settings of the return path, which has a key by default.
    """

    def __init__(self, room, bounces=None):
        self.room = room
        self.rig = Rig(str(room / "rig"))
        self.rig.server.plan = refuse(self.rig)
        at = self.rig.stack.at
        at.open_to_all()
        # The reader is another user: Redis's socket is for it, too.
        os.chmod(at.run, 0o711)
        os.chmod(self.rig.stack.env["REDIS_SOCKET"], 0o777)
        self.reader = str(room / "reservoir-bounce")
        shutil.copy(os.path.join(at.build, "maild", "bounce",
                                 "reservoir-bounce"), self.reader)
        self.log = self.mine("bounce.log", "")
        # Readable by its owner alone; root reads it all the same.
        key = self.mine("bounce.key", KEY + "\n")
        bounces = bounces or {"bounce_to": "bounces@" + BOUNCES,
                              "bounce_key_file": key}
        self.rig.stack.overrides["maild"].update(bounces)
        self.conf = self.mine("bounce.conf", confs.settings_text({
            "redis": "unix:" + self.rig.stack.env["REDIS_SOCKET"],
            "queue_prefix": self.rig.prefix, "log": "file:" + self.log,
            "template_dir": at.path("templates"),
            "message_domain": "reservoir.example"} | bounces))

    def mine(self, name, text):
        path = str(self.room / name)
        write_text(path, text)
        shutil.chown(path, "nobody")
        return path

    def send(self, **people):
        """Sends a mail to each {name: address}; {name: id}."""
        return {name: self.rig.push(to={"name": "Zoé", "email": address})[0]
                for name, address in people.items()}

    def fate(self, name):
        """Fate and sure, by the record."""
        found = self.rig.job(name).get("ft", "").split("|")
        return (found[1], found[2]) if len(found) == 4 else None

    def told(self, name):
        return self.rig.job(name)["at"].rpartition("|1|")[2]
