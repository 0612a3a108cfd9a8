# SPDX-License-Identifier: MIT
"""Real mail servers on a port of their own, with STARTTLS and AUTH.

Each takes mail from USER only, inside TLS only, and hands it on to another
port of this host.  They need root, as their programs do.  Postfix is installed;
the others are unpacked from Debian's packages.
"""

import base64
import contextlib
import glob
import os
import shutil
import socket
import subprocess
import tempfile
import threading

from stack.layout import TOP, free_port, write_text
from stack.parts import answers
from stack.procs import read_text, stop, wait_until

USER, PASSWORD = "reservoir@example.org", "s3cret pass"
NAME = "mx.reservoir.example"
LIMIT_S = 30
DAEMON_DIR = "/usr/lib/postfix/sbin"
FIRST_ID = 61801        # of users that nobody else has

# What each Postfix and each Exim here has.
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
local_recipient_maps =
alias_maps =
relayhost = [127.0.0.1]:{next_port}
smtp_tls_security_level = none
"""

POSTFIX_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
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
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
"""

# ... and those with STARTTLS and AUTH.
GUARDED_MAIN = """\
mynetworks =
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_client_connection_count_limit = {connections}
smtpd_client_event_limit_exceptions =
"""

GUARDED_MASTER = """\
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
"""

# Asks a token service about each token.
DOVECOT_CONF = """\
base_dir = {dir}/dovecot
state_dir = {dir}/dovecot
log_path = {dir}/dovecot.log
default_internal_user = dovecot
default_login_user = dovenull
# A program of a build with sanitizers takes more than their limit.
default_vsz_limit = 0
"""

DOVECOT_SASL_CONF = """\
protocols = none
ssl = no
auth_mechanisms = xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {dir}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  unix_listener {dir}/queue/private/auth {{
    mode = 0666
  }}
}}
"""

OAUTH2_CONF = """\
introspection_mode = post
introspection_url = {url}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""

GUARDED_EXIM = """\
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {key}
auth_advertise_hosts = ${{if eq {{$tls_in_cipher}}{{}}{{}}{{*}}}}
dsn_advertise_hosts = *
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  accept authenticated = *
  deny message = log in first
begin routers
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
  tls_verify_certificates =
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and {{{{eq {{$auth2}}{{{user}}}}} \
{{eq {{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


OPENSMTPD_CONF = """\
listen on 127.0.0.1 port {port} hostname mx.reservoir.example
action "next" relay host smtp://127.0.0.1:{next_port}
match from any for rcpt-to "nobody@example.org" reject
match from any for any action "next"
"""

# What the package would have put into place stands over what is there, for the
# command alone.  Nothing of it is run as it is installed.
IN_PLACE = """\
for part in usr etc var; do
	mount -t overlay overlay -o "lowerdir=$0/$part:/$part" /$part || exit
done
for part in spool log; do
	mount -t tmpfs tmpfs /var/$part || exit
done
mount -t tmpfs tmpfs /run && exec "$@"
"""
FETCHED = os.path.join(TOP, "build", "mail-servers")


class Missing(Exception):
    """The server cannot run here, and why."""


class SaslServer:
    """Dovecot's side of its protocol: says who may log in."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(path)
        os.chmod(path, 0o666)
        self._socket.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rw", encoding="ascii") as file:
            file.write("VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\n"
                       "CUID\t1\nCOOKIE\t0123456789abcdef0123456789abcdef\n"
                       "DONE\n")
            file.flush()
            for line in file:
                word, *rest = line.rstrip("\n").split("\t")
                if word != "AUTH":
                    continue
                proof = rest[-1].partition("resp=")[2]
                good = (base64.b64decode(proof).decode().split("\0")[1:] ==
                        [USER, PASSWORD])
                file.write(f"{'OK' if good else 'FAIL'}\t{rest[0]}\t"
                           f"user={USER}\n")
                file.flush()


@contextlib.contextmanager
def fixed_sasl(room):
    """One user, one password."""
    sasl = SaslServer(f"{room}/queue/private/auth")
    try:
        yield
    finally:
        sasl.close()


@contextlib.contextmanager
def dovecot_of(room, conf, answers_at):
    """Dovecot with these settings besides those that each has, once it answers
    at this socket's path or (host, port)."""
    need("dovecot")
    version = subprocess.run(["dovecot", "--version"], check=True,
                             text=True, capture_output=True).stdout
    # NEEDSWORK: 2.4, which Debian 13 has, spells its settings otherwise.
    if not version.startswith("2.3"):
        raise Missing("an alternative: Dovecot 2.3, and not " + version)
    write_text(f"{room}/dovecot.conf", DOVECOT_CONF.format(dir=room) + conf)
    process = subprocess.Popen(["dovecot", "-F", "-c",
                                f"{room}/dovecot.conf"],
                               stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: process.poll() is not None or answers(answers_at),
                   LIMIT_S, "dovecot")
        if process.poll() is not None:
            raise Missing("dovecot ended at once: "
                          + read_text(f"{room}/dovecot.log"))
        yield
    finally:
        if process.poll() is None:
            stop(process.pid, 10)
        process.wait(10)


def dovecot_sasl(service):
    """Dovecot's own SASL, which asks the service about tokens."""
    def running(room):
        write_text(f"{room}/oauth2.conf", OAUTH2_CONF.format(url=service.url))
        return dovecot_of(room, DOVECOT_SASL_CONF.format(dir=room),
                          f"{room}/queue/private/auth")
    return running


def need(program):
    if os.getuid() != 0:
        raise Missing(f"needs root: only it can start {program}")
    if not shutil.which(program):
        raise Missing(f"{program} is not installed")


def _fetch(package, to):
    """Unpacks the package, and what it needs that is not installed."""
    debs = os.path.join(to, "debs")
    os.makedirs(os.path.join(debs, "partial"))
    subprocess.run(
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends",
         "--download-only", "-o", f"Dir::Cache::archives={debs}", "-o",
         "APT::Sandbox::User=root", package], check=True, timeout=120,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    for name in os.listdir(debs):
        if name.endswith(".deb"):
            subprocess.run(["dpkg-deb", "-x", os.path.join(debs, name), to],
                           check=True)
    shutil.rmtree(debs)


def beside(package, accounts, empty=()):
    """What to put before a command: it finds a package of Debian's.

    For a mail server: only one of them can be installed.  accounts: users that
    the package would make; empty: directories.
    """
    if os.getuid() != 0:
        raise Missing(f"needs root: only it can start {package}")
    to = os.path.join(FETCHED, package)
    if not os.path.exists(to):
        with tempfile.TemporaryDirectory(prefix="reservoir-deb-") as new:
            os.chmod(new, 0o755)
            try:
                _fetch(package, new)
            except (OSError, subprocess.SubprocessError) as trouble:
                raise Missing(f"not to be had: {package}, of Debian: "
                              f"{trouble}") from trouble
            for path in ("usr", "etc", "var/spool", "var/log", *empty):
                os.makedirs(os.path.join(new, path), exist_ok=True)
            for file, line in (("passwd", "{0}:x:{1}:{1}::/:/bin/false\n"),
                               ("group", "{0}:x:{1}:\n")):
                write_text(f"{new}/etc/{file}", read_text(f"/etc/{file}")
                           + "".join(line.format(name, FIRST_ID + number)
                                     for number, name in enumerate(accounts)),
                           0o644)
            shutil.copytree(new, to, symlinks=True)
    before = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", IN_PLACE, to]
    done = subprocess.run([*before, "/bin/true"], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Missing(f"not to be had: room for {package}: {done.stderr}")
    return before


def _is_named(path):
    """Whether a process has it in its command line."""
    return any(path in read_text(file)
               for file in glob.glob("/proc/[0-9]*/cmdline"))


@contextlib.contextmanager
def _room():
    """A directory that the servers' own users may enter."""
    path = tempfile.mkdtemp(prefix="reservoir-mx-", dir="/tmp")
    os.chmod(path, 0o755)
    try:
        yield path
    finally:
        # Exim's last deliveries outlive its daemon, and would make it anew.
        wait_until(lambda: not _is_named(path), LIMIT_S, f"the end of {path}")
        shutil.rmtree(path, ignore_errors=True)


def _copy(path, files):
    """The certificate and key where the server can read them."""
    found = []
    for file in files:
        to = os.path.join(path, os.path.basename(file))
        shutil.copy(file, to)
        os.chmod(to, 0o644)
        found.append(to)
    return found


@contextlib.contextmanager
def _running(argv, port, log):
    with open(log[0], "ab") as output:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: process.poll() is not None or
                   answers(("127.0.0.1", port)), LIMIT_S, "the mail server")
        if process.poll() is not None:
            raise Missing(f"{argv} ended at once: "
                          + "".join(read_text(path) for path in log))
        yield
    finally:
        if process.poll() is None:
            stop(process.pid, 10)
        process.wait(10)


@contextlib.contextmanager
def room_of(*names, owner=None):
    """A directory for a server with these in it: (path, a free port)."""
    with _room() as path:
        for name in names:
            os.mkdir(os.path.join(path, name), 0o755)
            if owner:
                shutil.chown(os.path.join(path, name), *owner)
        yield path, free_port()


@contextlib.contextmanager
def postfix_of(main, master, next_port, sasl=contextlib.nullcontext):
    """Yields the port.

    main, of the directory, and master: what comes behind the settings and
    services that each has.
    """
    need("postfix")
    with room_of("conf", "queue", "data") as (room, port):
        shutil.chown(os.path.join(room, "data"), "postfix")
        write_text(f"{room}/conf/main.cf", POSTFIX_MAIN.format(
            dir=room, next_port=next_port) + main(room), 0o644)
        write_text(f"{room}/conf/master.cf",
                   POSTFIX_MASTER.format(port=port) + master, 0o644)
        # Makes the queue's directories.
        subprocess.run(["/usr/sbin/postfix", "-c", f"{room}/conf", "check"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=False)
        with sasl(room), _running(
                [f"{DAEMON_DIR}/master", "-c", f"{room}/conf", "-d"], port,
                [f"{room}/log"]):
            yield port


@contextlib.contextmanager
def exim_of(conf, queue):
    """Yields the port; conf: what comes behind the settings that each has, as
    a function of the directory and the port; queue: how often it is run."""
    before = beside("exim4-daemon-light", ["Debian-exim"])
    with room_of("spool", "log", owner=("nobody", "nogroup")) as (room, port):
        write_text(f"{room}/exim.conf", EXIM_CONF.format(
            dir=room, port=port) + conf(room, port), 0o644)
        with _running([*before, "/usr/sbin/exim4", "-C", f"{room}/exim.conf",
                       "-bdf", f"-q{queue}"], port,
                      [f"{room}/log/output", f"{room}/log/mainlog",
                       f"{room}/log/paniclog"]):
            yield port


def postfix(files, next_port, connections=0, more="", sasl=fixed_sasl):
    """Yields the port; more: further lines of main.cf."""
    def main(room):
        certificate, key = _copy(room, files)
        return GUARDED_MAIN.format(certificate=certificate, key=key,
                                   connections=connections) + more
    return postfix_of(main, GUARDED_MASTER, next_port, sasl)


def exim(files, next_port, more=""):
    """Yields the port; more: further settings, which may name it."""
    def conf(room, port):
        certificate, key = _copy(room, files)
        return (more + GUARDED_EXIM).format(
            port=port, next_port=next_port, certificate=certificate, key=key,
            user=USER, password=PASSWORD)
    return exim_of(conf, "1h")


@contextlib.contextmanager
def opensmtpd(next_port):
    """Yields the port; in clear: Debian 12's has no TLS (its issue 1239)."""
    before = beside("opensmtpd", ["opensmtpd", "opensmtpq"],
                     ["var/lib/opensmtpd/empty"])
    with _room() as room:
        port = free_port()
        conf = f"{room}/smtpd.conf"
        write_text(conf, OPENSMTPD_CONF.format(port=port, next_port=next_port))
        with _running([*before, "/usr/sbin/smtpd", "-d", "-f", conf], port,
                      [f"{room}/log"]):
            yield port


def wrapped_postfix(files, next_port):
    """One that speaks TLS 1.3 from the first byte, and nothing else."""
    return postfix(files, next_port, more="smtpd_tls_wrappermode = yes\n"
                   "smtpd_tls_mandatory_protocols = >=TLSv1.3\n")


def wrapped_exim(files, next_port):
    """The same."""
    return exim(files, next_port, more="tls_on_connect_ports = {port}\n"
                "tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS1.3\n")


# How to start each, and the setting `tls` for it.
SERVERS = {"postfix": (postfix, "required"),
           "wrapped postfix": (wrapped_postfix, "implicit"),
           "exim": (exim, "required"),
           "wrapped exim": (wrapped_exim, "implicit")}
