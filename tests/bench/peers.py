# SPDX-License-Identifier: MIT
"""What people would use instead, beside ours: on the same job, in one run.

Each peer is as its own manual sets it up for speed, with connections that are
kept; its jobs and ours are in one Redis, its mails and ours go to one sink.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time

import redis

import booking
import mailrig
from measure import (Line, Trouble, cpu_s, median, pss_kb, running, spread,
                     wait_for_calm, wait_until)

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

from stack.layout import TOP, free_port                 # noqa: E402
from stack.parts import answers                         # noqa: E402

HERE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "peers")
MODULES = os.path.join(TOP, "build", "peers")
NPM = ("bullmq@6", "ioredis@6", "mysql2@3", "nodemailer@10")
PYTHON = "/usr/bin/python3"
SENDERS = 4
TEXT_BYTES = 3700       # and some head: as large as our mail
GOAL_MAIL = 10          # times the best of them
GOAL_PHP = 1.3
GOAL_NODE = 2


def npm_modules():
    """Fetched once; their versions are in the table."""
    if not os.path.isdir(os.path.join(MODULES, "node_modules", "bullmq")):
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--prefix", MODULES,
             *NPM], capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise Trouble("npm: " + done.stderr[-300:])


def said(*argv):
    return subprocess.run(argv, capture_output=True, text=True, timeout=30,
                          check=True).stdout.split()


def npm_version(name):
    with open(os.path.join(MODULES, "node_modules", name, "package.json"),
              encoding="utf-8") as file:
        return json.load(file)["version"]


def deb_version(name):
    return said("dpkg-query", "-W", "-f", "${source:Upstream-Version}",
                name)[0]


# ---- mails ----------------------------------------------------------------


def senders(rig):
    """{name: (fill, work)}: command lines; fill takes count and bytes."""
    def both(*argv):
        return ([*argv, rig.socket, str(rig.port), "fill"],
                [*argv, rig.socket, str(rig.port), "work"])

    ruby = os.path.join(HERE, "mail_sidekiq.rb")
    return {
        f"BullMQ {npm_version('bullmq')} and nodemailer "
        f"{npm_version('nodemailer')}":
            both("node", os.path.join(HERE, "mail_bullmq.cjs")),
        f"Celery {deb_version('python3-celery')}, prefork, late acks":
            both(PYTHON, os.path.join(HERE, "mail_celery.py")),
        f"RQ {deb_version('python3-rq')}, no fork for a job":
            both(PYTHON, os.path.join(HERE, "mail_rq.py")),
        f"Sidekiq {deb_version('ruby-sidekiq')}":
            (["/usr/bin/ruby", ruby, rig.socket, str(rig.port), "fill"],
             ["/usr/bin/sidekiq", "-r", ruby, "-q", "mails", "-c",
              str(SENDERS), "-t", "5"]),
    }


def peer_drain(rig, name, mails):
    """From the first mail that it has sent to the last one."""
    fill, work = senders(rig)[name]
    environment = {**os.environ, "NODE_PATH": os.path.join(
        MODULES, "node_modules"), "BENCH_SOCKET": rig.socket,
        "BENCH_PORT": str(rig.port), "PYTHONDONTWRITEBYTECODE": "1"}
    rig.redis.flushall()
    filled = subprocess.run(
        [*fill, str(mails), str(TEXT_BYTES)], env=environment, timeout=300,
        capture_output=True, text=True, check=False)
    if filled.returncode:
        raise Trouble(f"{name} cannot queue:\n{filled.stderr[-2000:]}")

    def done():
        return int(rig.redis.get("done") or 0)

    log = rig.path("peer.log")
    with running(work, log, env=environment, cwd=HERE) as child:
        def begun():
            if child.poll() is not None:
                with open(log, encoding="utf-8", errors="replace") as file:
                    raise Trouble(f"{name} has ended:\n{file.read()[-2000:]}")
            return done()

        wait_until(begun, 60, f"the first mail of {name}")
        already, cpu, clock = done(), cpu_s(child.pid), time.monotonic()
        wait_until(lambda: done() >= mails, 60 + mails / 10, name)
        seconds = time.monotonic() - clock
        count = mails - already
        if count < mails / 2:
            raise Trouble(f"{name}: {mails} mails are too few to be timed")
        return {"rate": count / seconds,
                "cpu_per_1000": (cpu_s(child.pid) - cpu) * 1000 / count,
                "pss_mb": pss_kb(child.pid) / 1024}


def our_drain(rig, text, mails):
    rig.redis.flushall()
    with rig.maild(SENDERS) as pid:
        rig.drain(pid, text, 500)
        return rig.drain(pid, text, mails)


def mails(directory, options, report):
    with mailrig.Rig(directory, options.build) as rig:
        text, size = mailrig.notice_of(rig, mailrig.MAIL_BYTES)
        report.section(
            f"peers: mails of {size} bytes into smtp-sink, {SENDERS} senders; "
            "the peers' mails have no HTML part")
        best = 0
        ours_all = []
        for name in senders(rig):
            wait_for_calm(report, options.calm)
            rounds = [(peer_drain(rig, name, options.mails // 5),
                       our_drain(rig, text, options.mails))
                      for _ in range(options.pairs)]
            peer, ours = ([one[i] for one in rounds] for i in (0, 1))
            ratios = [b["rate"] / a["rate"] for a, b in rounds]
            one = sorted(peer, key=lambda r: r["rate"])[len(peer) // 2]
            report.add(Line(
                f"maild beside {name}", shown(sorted(
                    ours, key=lambda r: r["rate"])[len(ours) // 2]),
                shown(one), median(ratios), note=f"pairs {spread(ratios)}"))
            report.raw["peer " + name] = {"peer": peer, "maild": ours}
            best = max(best, one["rate"])
            ours_all += [one["rate"] for one in ours]
        ratio = median(ours_all) / best
        report.at_least("maild beside the fastest of them",
                        f"{median(ours_all):.0f} mails/s", f"{best:.0f}", ratio,
                        GOAL_MAIL)


def shown(result):
    return (f"{result['rate']:.0f} mails/s, {result['cpu_per_1000']:.2f} CPU s "
            f"per 1000, {result['pss_mb']:.0f} MB PSS")


# ---- bookings -------------------------------------------------------------

PHP_FPM = """\
[global]
error_log = {dir}/php.log
daemonize = no
[www]
{user}listen = {dir}/php.sock
listen.mode = 0666
pm = static
pm.max_children = 16
pm.max_requests = 0
env[BENCH_CONF] = {dir}/conf.php
php_admin_value[opcache.enable] = 1
php_admin_value[opcache.validate_timestamps] = 0
"""

# Beside the site, with what is set for booking.fcgi there.
NGINX = """\
{user}worker_processes 2;
pid {dir}/peers-nginx.pid;
error_log {dir}/peers-nginx.log warn;
events {{ worker_connections 2048; }}
http {{
	access_log off;
	client_body_temp_path {dir}/body;
	fastcgi_temp_path {dir}/fastcgi;
	proxy_temp_path {dir}/proxy;
	scgi_temp_path {dir}/scgi;
	uwsgi_temp_path {dir}/uwsgi;
	upstream node {{
		server 127.0.0.1:{node};
		keepalive 32;
	}}
	server {{
		listen 127.0.0.1:{php_port};
		location / {{
			include /etc/nginx/fastcgi_params;
			fastcgi_param SCRIPT_FILENAME {here}/book.php;
			fastcgi_pass unix:{dir}/php.sock;
		}}
	}}
	server {{
		listen 127.0.0.1:{node_port};
		location / {{
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header X-Real-IP $remote_addr;
			proxy_pass http://node;
		}}
	}}
}}
"""


def php_fpm():
    """Debian's program bears its version: php-fpm8.2."""
    for directory in ("/usr/sbin", "/usr/bin"):
        for name in sorted(os.listdir(directory), reverse=True):
            if name.startswith("php-fpm") and name[7:].count(".") == 1:
                return os.path.join(directory, name)
    raise Trouble("no php-fpm")


def an_envelope(rig):
    """One that booking.fcgi has made, for peers to fill in."""
    env = rig.stack.env
    with redis.Redis(unix_socket_path=env["REDIS_SOCKET"]) as queue:
        rig.http(1, rig.many, seconds=1)
        envelope = json.loads(queue.lindex(env["QUEUE_PREFIX"] + "intake", 0))
    if "data" not in envelope:
        raise Trouble("booking.fcgi's envelopes have changed")
    return envelope


def write_confs(rig, directory):
    env = rig.stack.env
    with open(env["MYSQL_PASSWORD_FILE"], encoding="utf-8") as file:
        password = file.read().strip()
    conf = {"redis": env["REDIS_SOCKET"], "mysql": env["MYSQL_SOCKET"],
            "user": env["MYSQL_USER"], "password": password,
            "database": env["MYSQL_DATABASE"], "prefix": env["QUEUE_PREFIX"],
            "base": rig.stack.http_url, "domain": "bench.example.org",
            "secret": "k" * 32, "envelope": an_envelope(rig)}
    with open(os.path.join(directory, "conf.json"), "w", encoding="utf-8",
              opener=private) as file:
        json.dump(conf, file)
    # A constant array: opcache keeps it, so that no request reads JSON.
    written = subprocess.run(
        ["php", "-r", "echo '<?php return ', var_export(json_decode("
         "stream_get_contents(STDIN), true), true), ';';"],
        input=json.dumps(conf), capture_output=True, text=True, check=True,
        timeout=30).stdout
    with open(os.path.join(directory, "conf.php"), "w", encoding="utf-8",
              opener=private) as file:
        file.write(written)


def private(path, flags):
    return os.open(path, flags, 0o600)


@contextlib.contextmanager
def peers(rig, directory):
    """Both peers behind an nginx of their own; yields {name: port}."""
    node, php_port, node_port = free_port(), free_port(), free_port()
    root = os.getuid() == 0
    write_confs(rig, directory)
    values = {"dir": directory, "here": HERE, "node": node,
              "php_port": php_port, "node_port": node_port}
    conf = {"fpm.conf": PHP_FPM.format(
        user="user = root\ngroup = root\n" if root else "", **values),
        "nginx.conf": NGINX.format(user="user root;\n" if root else "",
                                   **values)}
    for name, text in conf.items():
        with open(os.path.join(directory, name), "w",
                  encoding="utf-8") as file:
            file.write(text)

    def log(name):
        return os.path.join(directory, name + ".out")

    with contextlib.ExitStack() as parts:
        parts.enter_context(running(
            [php_fpm(), "-F", "-y", os.path.join(directory, "fpm.conf"),
             *(["-R"] if root else [])], log("php")))
        parts.enter_context(running(
            ["node", os.path.join(HERE, "book.cjs"),
             os.path.join(directory, "conf.json"), str(node)], log("node"),
            env={**os.environ, "NODE_ENV": "production", "NODE_PATH":
                 os.path.join(MODULES, "node_modules")}))
        parts.enter_context(running(
            ["/usr/sbin/nginx", "-g", "daemon off;", "-c",
             os.path.join(directory, "nginx.conf")], log("nginx")))
        for port in (node, php_port, node_port):
            wait_until(lambda p=port: answers(("127.0.0.1", p)), 20,
                       "start of a peer")
        php = said("php", "-r", "echo PHP_VERSION;")[0]
        yield {f"php-fpm {php}": php_port,
               f"Node {said('node', '--version')[0][1:]}": node_port}


def bookings(directory, options, report):
    rig = booking.Rig(directory, options)
    # Both limits are counted, as the peers do, and never reached.
    rig.stack.overrides["booking"]["client_mails_an_hour"] = "1000000"
    with rig:
        report.section(
            f"peers: POST of a booking through nginx, {booking.WORKERS} "
            "connections; the same rows, limits and push")
        with peers(rig, directory) as ports:
            for (name, port), goal in zip(ports.items(),
                                          (GOAL_PHP, GOAL_NODE)):
                rig.http(booking.WORKERS, rig.many, seconds=1)
                rig.http(booking.WORKERS, rig.many, seconds=1, port=port)
                wait_for_calm(report, options.calm)
                rounds = [
                    (rig.http(booking.WORKERS, rig.many),
                     rig.http(booking.WORKERS, rig.many, port=port))
                    for _ in range(options.pairs)]
                ours, peer = ([one[i] for one in rounds] for i in (0, 1))
                ratios = booking.ratios(ours, peer)
                report.at_least(
                    f"booking.fcgi beside {name}",
                    booking.described(booking.middle(ours)),
                    booking.described(booking.middle(peer)), median(ratios),
                    goal, f"pairs {spread(ratios)}")
                report.raw["peer " + name] = {"ours": ours, "peer": peer}
                wrong = sum(one["other"] for one in peer)
                if wrong:
                    raise Trouble(f"{name}: {wrong} answers were no 303")
        agree(rig)


def agree(rig):
    """What a peer leaves out would make it fast."""
    counts = rig.sql(
        "SELECT (SELECT SUM(booked) FROM slot_inventory),"
        " (SELECT SUM(seats) FROM booking), (SELECT COUNT(*) FROM notification"
        " WHERE kind = 'booking.confirmed')").split()
    if len(set(counts)) != 1:
        raise Trouble("places, seats and mails do not agree: "
                      + " ".join(counts))


BENCHMARKS = {"peer-mails": mails, "peer-bookings": bookings}


def run(names, directory, options, report):
    """Runs the named ones, each on servers of its own."""
    npm_modules()
    for name in names:
        place = os.path.join(directory, name)
        os.mkdir(place, 0o711)
        BENCHMARKS[name](place, options, report)
        shutil.rmtree(place, ignore_errors=True)
