# SPDX-License-Identifier: MIT
"""The configuration files of a stack's servers and of our programs."""

import hashlib
import os
from dataclasses import dataclass

from .layout import TOP, read_env, write_text
from .procs import Trouble

DATABASE = "reservoir"
QUEUE_PREFIX = "{maild}:"
# The accounts of schema/grants.sql, and whose secret each has.
DB_ACCOUNTS = {"reservoir": "mysql", "reservoir_relay": "mysql-relay",
               "reservoir_bookctl": "mysql-bookctl",
               "reservoir_owner": "mysql-owner"}
# The users of etc/redis-users.conf, without "reservoir_".
REDIS_NO_USERS = {"redis_user": "", "redis_password_file": "",
                  "relay_redis_user": "", "relay_redis_password_file": ""}
NOBODY = "user default off +@all ~* &*\n"
REDIS_USERS = ("booking", "relay", "maild", "operator", "bounce", "amqp")
ORGANISER = "anna"

# MariaDB reads this group, too.  "loose": what not every release knows.
DATABASE_SERVER = """\
[client]
socket = {socket}
user = root

[mysqld]
{as_user}datadir = {data}
socket = {socket}
pid_file = {data}.pid
tmpdir = {tmp}
{network}
loose_mysqlx = OFF
secure_file_priv = {tmp}
skip_log_bin
innodb_flush_log_at_trx_commit = 1
loose_innodb_log_file_size = 64M
innodb_buffer_pool_size = 128M
sql_mode = STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION
character_set_server = utf8mb4
default_time_zone = '+00:00'
max_connections = 300
performance_schema = off
{more}
"""

REDIS = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {data}
daemonize no
logfile ""
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
{users}
"""

NGINX = """\
{as_user}worker_processes 2;
worker_rlimit_nofile 4096;
pid {pid};
error_log {error_log} warn;

events {{
	worker_connections 2048;
}}

http {{
	types {{
		text/html html;
		text/css css;
		image/svg+xml svg;
		image/png png;
		image/x-icon ico;
		text/plain txt;
	}}
	default_type application/octet-stream;
	charset utf-8;
	charset_types text/css text/plain;
	sendfile on;
	log_format joined '$remote_addr "$request_method $uri" $status '
		'$body_bytes_sent $request_time $request_id';
	access_log {access_log} joined;
	client_body_temp_path {temp}/body;
	fastcgi_temp_path {temp}/fastcgi;
	proxy_temp_path {temp}/proxy;
	scgi_temp_path {temp}/scgi;
	uwsgi_temp_path {temp}/uwsgi;

	include {site};
{mailbox}}}
"""

NGINX_MAILBOX = """\

	server {{
		listen 127.0.0.1:{port};
		server_tokens off;
		access_log off;
		location / {{
			limit_except GET {{
				deny all;
			}}
			proxy_pass http://unix:{socket}:;
		}}
	}}
"""

# What the shipped site says, and what a stack says instead; each of them
# must be there, so that what is tested is what is shipped.
SITE_CHANGES = (
    ("unix:/run/reservoir/booking.sock", "unix:{booking}"),
    ("listen 80;", "listen 127.0.0.1:{port};"),
    ("server_name _;", "server_name localhost;"),
    ("alias /usr/share/reservoir/", "alias {share}/"),
    ("alias /usr/local/share/reservoir/", "alias {share}/"),
    ("access_log /var/log/nginx/access.log", "access_log {access}"),
    ("error_log /var/log/nginx/error.log", "error_log {error}"),
    ("/etc/nginx/reservoir.htpasswd", "{htpasswd}"),
    ("/var/lib/nginx/reservoir", "{lists}"),
)
LIST_CHANGES = (("fastcgi_cache reservoir_lists;", "fastcgi_cache off;"),)
LIMIT_CHANGES = (
    ("rate=5r/s", "rate=100000r/s"),
    ("burst=20 ", "burst=100000 "),
    ("burst=40 ", "burst=100000 "),
    ("reservoir_client 40;", "reservoir_client 10000;"),
)


def database(*, data, tmp, socket, network, more=""):
    """The text of a database server's option file."""
    return DATABASE_SERVER.format(
        as_user="user = root\n" if os.getuid() == 0 else "", data=data,
        tmp=tmp, socket=socket, network=network, more=more)


def mariadb(layout):
    """The stack's server's option file; returns its path."""
    path = os.path.join(layout.conf, "mariadb.cnf")
    write_text(path, database(
        data=layout.path("mariadb"), tmp=layout.path("tmp"),
        socket=layout.socket("mariadb"),
        network="skip_networking\nskip_name_resolve"))
    return path


def redis(layout, name="redis"):
    """The conf of the Redis of that name; a replica has another one."""
    path = os.path.join(layout.conf, name + ".conf")
    os.makedirs(layout.path(name), mode=0o700, exist_ok=True)
    write_text(path, REDIS.format(socket=layout.socket(name),
                                  data=layout.path(name),
                                  users=redis_users(layout)))
    return path


def redis_users(layout):
    """The shipped users; the default one stays, for tests to look around."""
    text = shipped_redis_users(layout)
    assert NOBODY in text
    return text.replace(NOBODY, "")


def shipped_redis_users(layout):
    with open(os.path.join(TOP, "etc", "redis-users.conf"),
              encoding="utf-8") as file:
        text = file.read()
    for name in REDIS_USERS:
        secret = layout.make_secret("redis-" + name)
        assert f"#@{name}@" in text
        text = text.replace(f"#@{name}@", "#" + hashlib.sha256(
            secret.encode()).hexdigest())
    return text


def redis_login(layout, name, prefix=""):
    """Settings by which a program logs in as that user."""
    layout.make_secret("redis-" + name)
    return {prefix + "redis_user": "reservoir_" + name,
            prefix + "redis_password_file": layout.secret_file(
                "redis-" + name)}


def _changed(text, changes, values):
    for before, after in changes:
        if before not in text:
            raise Trouble(f"nginx/ no longer says \"{before}\": "
                          "tell tests/stack/confs.py what it says now")
        text = text.replace(before, after.format(**values))
    return text


def htpasswd(layout):
    """Who may open /admin: ORGANISER, with a password of this stack."""
    path = os.path.join(layout.conf, "htpasswd")
    write_text(path, f"{ORGANISER}:{{PLAIN}}{organiser_password(layout)}\n")
    return path


def organiser_password(layout):
    """Short enough to be typed: nobody else reaches these ports."""
    return layout.make_secret("organiser", 6)


@dataclass(frozen=True)
class Site:
    """How far nginx's site is the shipped one."""
    limits: bool = False
    lists: bool = False     # kept for a second; tests look at what has changed
    fastcgi: str = ""       # where booking.fcgi listens, if elsewhere


def nginx(layout, http_port, mail_port, site=Site()):
    """nginx.conf around the shipped site; returns its path."""
    values = {"booking": site.fastcgi or layout.socket("booking"), "port": http_port,
              "share": layout.share,
              "access": layout.log_file("access"),
              "error": layout.log_file("nginx"),
              "lists": os.path.join(layout.path("nginx"), "lists"),
              "htpasswd": htpasswd(layout)}
    snippets = os.path.join(layout.conf, "snippets")
    os.makedirs(snippets, mode=0o700, exist_ok=True)
    for name in sorted(os.listdir(os.path.join(TOP, "nginx", "snippets"))):
        with open(os.path.join(TOP, "nginx", "snippets", name),
                  encoding="utf-8") as file:
            text = file.read()
        if name == "reservoir-lists.conf" and not site.lists:
            text = _changed(text, LIST_CHANGES, {})
        write_text(os.path.join(snippets, name),
                   text.replace("/usr/share/reservoir", layout.share))
    with open(os.path.join(TOP, "nginx", "reservoir.conf"),
              encoding="utf-8") as file:
        text = _changed(file.read(), SITE_CHANGES, values)
    if not site.limits:
        text = _changed(text, LIMIT_CHANGES, values)
    shipped = os.path.join(layout.conf, "reservoir.conf")
    write_text(shipped, text)

    mailbox = ""
    if mail_port:
        mailbox = NGINX_MAILBOX.format(port=mail_port,
                                       socket=layout.socket("viewer"))
    path = os.path.join(layout.conf, "nginx.conf")
    write_text(path, NGINX.format(
        as_user="user root;\n" if os.getuid() == 0 else "",
        pid=layout.pid_file("nginx"), temp=layout.path("nginx"),
        error_log=layout.log_file("nginx"),
        access_log=layout.log_file("access"), site=shipped, mailbox=mailbox))
    return path


def settings_text(values):
    return "".join(f"{name} = {value}\n" for name, value in values.items()
                   if value != "")


def booking(stack):
    """booking.conf, and the one that migrates as the tables' owner."""
    layout = stack.at
    layout.make_secret("server.key")
    values = {
        "listen": "unix:" + layout.socket("booking"),
        "listen_mode": "0660",
        "workers": stack.options.booking_workers or "",
        "pid_file": layout.pid_file("booking"),
        "log": "file:" + layout.log_file("booking"),
        "mysql_socket": layout.socket("mariadb"),
        "mysql_database": DATABASE,
        "redis": "unix:" + layout.socket(stack.redis_name),
        "queue_prefix": QUEUE_PREFIX,
        "base_url": stack.http_url,
        "message_domain": "reservoir.example",
        "mail_from_address": "bookings@reservoir.example",
        "server_key_file": layout.secret_file("server.key"),
        "data_dir": layout.share,
        "template_dir": layout.path("templates"),
        "locale_dir": layout.path("locale"),
        # All visitors of a test come from one address, and are quick.
        "client_mails_an_hour": "0",
        "resend_pause": "0s",
    }
    path = os.path.join(layout.conf, "booking.conf")
    write_text(path, settings_text(values | {
        "mysql_user": "reservoir",
        "mysql_password_file": layout.secret_file("mysql"),
        "relay_mysql_user": "reservoir_relay",
        "relay_mysql_password_file": layout.secret_file("mysql-relay"),
        "bookctl_mysql_user": "reservoir_bookctl",
        "bookctl_mysql_password_file": layout.secret_file("mysql-bookctl")}
        | redis_login(layout, "booking")
        | redis_login(layout, "relay", "relay_")
        | redis_login(layout, "operator", "bookctl_")
        | stack.overrides["booking"]))
    write_text(os.path.join(layout.conf, "owner.conf"), settings_text(
        values | {"mysql_user": "reservoir_owner", "log": "stderr",
                  "mysql_password_file": layout.secret_file("mysql-owner"),
                  "grants_file": os.path.join(TOP, "schema", "grants.sql")}
        | redis_login(layout, "operator")))
    return path


def relays_text(relays):
    """The sections of the relays: {name: {setting: value}}."""
    return "".join(f"\n[relay {name}]\n{settings_text(values)}"
                   for name, values in relays.items())


def maild(stack):
    """maild.conf: short waits, because somebody is watching."""
    layout = stack.at
    host, _, port = stack.smtp.rpartition(":")
    # "off-anywhere": whoever names another host for a trial means it.
    relays = stack.overrides.get("relays") or {"local": {
        "host": host, "port": port, "tls": "off-anywhere"}}
    values = {
        "workers": stack.options.workers or "",
        "pid_file": layout.pid_file("maild"),
        "log": "file:" + layout.log_file("maild"),
        "redis": "unix:" + layout.socket(stack.redis_name),
        "queue_prefix": QUEUE_PREFIX,
        "data_dir": layout.share,
        "template_dir": layout.path("templates"),
        "journal_dir": layout.path("journal"),
        "hello_name": "reservoir.example",
        "mail_from_address": "bookings@reservoir.example",
        "message_domain": "reservoir.example",
        "breaker_max": "2s",
        "crash_pause": "1s",
        "retry_min": "2s",
        "retry_max": "30s",
        "storm_hold": "2s",
        "stop_grace": "10s",
    }
    path = os.path.join(layout.conf, "maild.conf")
    values |= redis_login(layout, "maild")
    write_text(path, settings_text(values | stack.overrides["maild"])
               + relays_text(relays))
    return path


def previous_ports(layout):
    """The ports of the last start here: addresses in mails stay good."""
    before = read_env(layout.env_file) or read_env(layout.last_env_file)
    found = []
    for name in ("HTTP_URL", "MAIL_URL", "SMTP_PORT"):
        digits = before.get(name, "").rpartition(":")[2].rstrip("/")
        found.append(int(digits) if digits.isdigit() else 0)
    return found
