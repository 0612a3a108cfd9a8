# SPDX-License-Identifier: MIT
"""One campaign: a stack behind proxies, a flow of bookings, faults, a drain."""

import collections
import random
import ssl
import threading
import time

import redis
import requests

import kinds
import on_smtp
from proxy import Proxies
from server import MailServer
from stack.certs import Authority
from stack.layout import Options, free_port
from stack.procs import Trouble, wait_until
from stack.stack import Stack
from stack.visitor import Tables, Visitor

NEWEST = {"STARTTLS 1.2": ssl.TLSVersion.TLSv1_2}
CLIENTS = 4
PAUSE_S = 0.08          # between two posts of a client: some 40 a second
ANSWER_S = 60           # for a 303 once all faults are over
DRAIN_S = 180           # a 4xx to MAIL alone waits for 60 s
FINAL_TIMEOUT_S = 2
# Answers that leave a visitor free to send the same form again.
SOFT = {0, 502, 503, 504}
SETTINGS = {
    "booking": {"outbox_delay": "1s", "stop_grace": "5s"},
    "maild": {"workers": "4", "breaker_max": "500ms", "retry_min": "200ms",
              "retry_max": "2s", "storm_hold": "500ms",
              "connect_timeout": "2s",
              "greeting_timeout": "2s", "envelope_timeout": "2s",
              "transfer_timeout": "2s",
              "final_timeout": f"{FINAL_TIMEOUT_S}s",
              "crash_pause": "500ms", "host_lease": "5s",
              "session_idle": "100ms", "stop_grace": "5s"},
}


class Campaign:
    """Made for one seed; run() and then drain()."""

    final_timeout_s = FINAL_TIMEOUT_S

    def __init__(self, directory, options, seed, say=print):
        self.options = options
        self.seed = seed
        self.say = say
        self.proxies = Proxies(time.time)
        self.proxy = {}
        self.server = MailServer()
        self.stack = Stack(directory, Options(
            asan=options.asan, smtp=f"127.0.0.1:{free_port()}"), quiet=True)
        self.way = self._way(seed)
        self.kinds = [kind for kind in options.kinds
                      if on_smtp.is_possible(kind, self.way)]
        self.faults = []                # Harm, in order
        self.found_dead = []            # parts that nobody killed
        self.broken_faults = []         # faults that could not do their harm
        self.statuses = collections.Counter()
        self.booked = {}                # address: when its 303 came
        self.unanswered = []            # addresses
        self.stop = threading.Event()
        self.give_up_at = None          # monotonic, once faults are over

    def _way(self, seed):
        """How the relay is reached: as told, else by each way in turn on which
        some of the faults are possible."""
        ways = on_smtp.ways_for(self.options.kinds)
        return self.options.way or ways[seed % len(ways)]

    # ---- the stack -------------------------------------------------------

    def _put_between(self):
        """A proxy between each pair of programs that talk."""
        stack, at = self.stack, self.stack.at
        at.make()

        def add(name, target):
            where = at.socket(name)
            self.proxy[name] = self.proxies.add(name, where, target)
            return where

        for part, values in SETTINGS.items():
            stack.overrides[part].update(values)
        stack.fastcgi = add("n-book", lambda: at.socket("booking"))
        stack.overrides["booking"].update(
            mysql_socket=add("b-mysql", lambda: at.socket("mariadb")),
            redis="unix:" + add("b-redis", self._redis))
        stack.overrides["maild"]["redis"] = "unix:" + add(
            "m-redis", self._redis)
        host, _, port = stack.smtp.rpartition(":")
        smtp = self.proxies.add("m-smtp", (host, int(port)),
                                lambda: ("127.0.0.1", self.server.port))
        self.proxy["m-smtp"] = smtp
        self.server.link_of = smtp.by_port.get
        if self.way != "clear":
            self._secure(host, port)

    def _secure(self, host, port):
        """A relay that wants TLS and a password."""
        at = self.stack.at
        authority = Authority(at.path("tls"))
        password = at.make_secret("relay")
        implicit = self.way == "implicit"
        self.server.require(authority.issue("mx.example.org"),
                            ("maild", password), implicit,
                            NEWEST.get(self.way))
        self.stack.overrides["relays"] = {"main": {
            "host": host, "port": port,
            "tls": "implicit" if implicit else "required",
            "tls_ca_file": authority.file, "tls_name": "mx.example.org",
            "auth_user": "maild",
            "auth_password_file": at.secret_file("relay")}}

    def _redis(self):
        return self.stack.env["REDIS_SOCKET"]

    def close(self):
        self.stop.set()
        self.stack.down()
        self.server.close()
        self.proxies.close()

    # ---- the flow of bookings ------------------------------------------------

    def client(self, number, form):
        """Books until told to stop; a form goes again until its 303."""
        choice = random.Random(f"{self.seed} client {number}")
        session = requests.Session()
        count = 0
        while not self.stop.is_set():
            count += 1
            address = f"f{number}.{count}@example.org"
            answers = form | {"key": f"{choice.getrandbits(128):032x}",
                              "email": address}
            while not self._post(session, answers):
                if self.give_up_at and time.monotonic() > self.give_up_at:
                    self.unanswered.append(address)
                    return
                time.sleep(0.2)
            self.booked[address] = time.time()
            time.sleep(PAUSE_S)

    def _post(self, session, answers):
        try:
            status = session.post(
                self.stack.http_url + "/bookings", data=answers,
                timeout=30, allow_redirects=False).status_code
        except requests.RequestException:
            status = 0
        self.statuses[status] += 1
        return status == 303

    def strange_answers(self):
        return {status: count for status, count in self.statuses.items()
                if status not in SOFT | {303}}

    def run(self):
        self._put_between()
        self.stack.up()
        with Tables(self.stack.env) as tables:
            slots = [tables.add_slot(1000000) for _ in range(3)]
        forms = [Visitor(self.stack.http_url).form(slot) for slot in slots]
        clients = [threading.Thread(target=self.client, daemon=True,
                                    args=(n, forms[n % len(forms)]))
                   for n in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            self.harm()
        finally:
            self.stop.set()
            self.give_up_at = time.monotonic() + ANSWER_S
        self.revive()
        for client in clients:
            client.join()

    # ---- the faults ------------------------------------------------------------

    def harm(self):
        """One fault after the other, some two at once, chosen by the seed."""
        choice = random.Random(self.seed)
        begun = time.monotonic()
        end = begun + self.options.duration
        while True:
            time.sleep(choice.uniform(0.5, 2))
            if time.monotonic() > end:
                return
            self.revive()
            together = [
                kinds.Harm(self.seed, len(self.faults) + place, kind)
                for place, kind in enumerate(kinds.choose(
                    choice, self.kinds))]
            self.say(f"{time.monotonic() - begun:7.1f} s  "
                     + " and ".join(one.kind for one in together))
            self.faults += together
            threads = [threading.Thread(target=self._do, args=(one,))
                       for one in together]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def _do(self, harm):
        harm.begun = time.time()
        harm.ended = float("inf")       # while the harm is being done
        try:
            kinds.KINDS[harm.kind](self, harm)
        except (Trouble, redis.RedisError, OSError) as trouble:
            self.broken_faults.append(f"{harm.kind}: {trouble}")
            self.say(f"           {harm.kind}: {trouble}")
        harm.ended = time.time()

    def revive(self):
        """Starts what is down; no fault leaves a part down."""
        for name in self.stack.dead_parts():
            self.found_dead.append(name)
            self.stack.start(name)

    # ---- the end --------------------------------------------------------------

    def left(self, tables, client):
        """What has not drained yet: {name: count}."""
        prefix = self.stack.env["QUEUE_PREFIX"]
        held = sum(client.llen(key) for key in client.scan_iter(
            prefix + "p:*", count=1000))
        counts = {"open rows": tables.open_rows(), "claimed": held,
                  "intake": client.llen(prefix + "intake"),
                  "ready": client.llen(prefix + "ready"),
                  "ready:bulk": client.llen(prefix + "ready:bulk"),
                  "retry": client.zcard(prefix + "retry")}
        return {name: count for name, count in counts.items() if count}

    def drain(self, client):
        """Returns (seconds, what is left)."""
        begun = time.monotonic()
        with Tables(self.stack.env) as tables:
            try:
                wait_until(lambda: not self.left(tables, client), DRAIN_S,
                           "drain", 0.2)
            except Trouble:
                return DRAIN_S, self.left(tables, client)
        return time.monotonic() - begun, {}
