# SPDX-License-Identifier: MIT
"""What tests do from outside: visit, read mails, look into the tables."""

import contextlib
import email
import email.policy
import json
import os
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import pymysql
import redis
import requests
from .procs import Trouble, wait_until

__all__ = ["CLIENTS", "Mailbox", "Page", "Tables", "Trouble", "Visitor",
           "at_once", "book_many", "line_of", "new_key", "unique_address", "wait_until"]

CLIENTS = 16
CROWD = 100     # bookings


class Page(HTMLParser):
    """A page's links, form fields, headings, and the text of it all."""

    def __init__(self, markup):
        super().__init__()
        self.links = []
        self.fields = {}        # name -> value
        self.kinds = {}         # name -> type
        self.actions = []
        self.refresh = ""
        self.words = []
        self.title = ""
        self._in_title = False
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self._in_title = tag == "title"
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif tag == "form":
            self.actions.append(values.get("action", ""))
        elif tag in ("input", "textarea", "select") and values.get("name"):
            self.fields[values["name"]] = values.get("value") or ""
            self.kinds[values["name"]] = values.get("type", tag)
        elif tag == "meta" and values.get("http-equiv") == "refresh":
            self.refresh = values.get("content", "")

    def handle_data(self, data):
        if self._in_title:
            self.title += data
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


class Visitor:
    """One visitor's browser, without a browser."""

    def __init__(self, url, language="fr"):
        self.url = url
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = language
        self.session.headers["Accept"] = "text/html"

    def get(self, path):
        return self.session.get(self._whole(path), timeout=20,
                                allow_redirects=False)

    def page(self, path):
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return Page(answer.text)

    def post(self, form, path="/bookings"):
        return self.session.post(self._whole(path), data=form, timeout=30,
                                 allow_redirects=False)

    def _whole(self, path):
        return path if path.startswith("http") else self.url + path

    def slot_pages(self):
        """The paths of all free slots that the site shows."""
        return list(self._free_slots())

    def _free_slots(self):
        """The same one by one; a service's page is read when it is its turn."""
        for link in self.page("/").links:
            if re.fullmatch(r"/s/[a-z0-9-]+", link.partition("?")[0]):
                for slot in self.page(link).links:
                    if re.fullmatch(r"/s/[a-z0-9-]+/\d+",
                                    slot.partition("?")[0]):
                        yield slot

    def form(self, slot_page=None, **answers):
        """The fields of a slot's form, filled in."""
        page = self.page(slot_page or next(self._free_slots()))
        fields = dict(page.fields)
        fields.update({"name": "Zoé Martin", "email": unique_address(),
                       "seats": "1"})
        fields.update(answers)
        return fields

    def book(self, slot_page=None, **answers):
        """Books; returns the path of the confirmation page."""
        answer = self.post(self.form(slot_page, **answers))
        assert answer.status_code == 303, (answer.status_code,
                                           Page(answer.text).text)
        return answer.headers["Location"]


def unique_address(name="zoe"):
    return f"{name}.{secrets.token_hex(5)}@example.org"


def new_key():
    """An idempotency key, as the form would carry it."""
    return secrets.token_hex(16)


def at_once(count, action, workers=None):
    """Runs action(0 .. count - 1) by many threads; results in order."""
    with ThreadPoolExecutor(workers or count) as pool:
        return list(pool.map(action, range(count)))


def book_many(stack, form, count, prefix):
    """Posts by CLIENTS clients; returns (statuses, seconds, addresses).

    The seconds are sorted; an answer that never came has the status 0.
    """
    addresses = [unique_address(f"{prefix}{n}") for n in range(count)]
    clients = [Visitor(stack.http_url) for _ in range(CLIENTS)]

    def client(number):
        results = []
        for mine in range(number, count, CLIENTS):
            begun = time.monotonic()
            try:
                status = clients[number].post(form | {
                    "key": new_key(), "email": addresses[mine]}).status_code
            except requests.RequestException:
                status = 0
            results.append((status, time.monotonic() - begun))
        return results

    results = sum(at_once(CLIENTS, client), [])
    return ([status for status, _ in results],
            sorted(seconds for _, seconds in results), addresses)


class Mailbox:
    """The mails that the catcher has kept."""

    heads = {}      # of mails that were looked at: no name is used again

    def __init__(self, directory):
        self.directory = directory

    def names(self):
        return sorted(name for name in os.listdir(self.directory)
                      if name.endswith(".eml") and name[0] != ".")

    def raw(self, name):
        with open(os.path.join(self.directory, name), "rb") as file:
            return file.read()

    def mail(self, name):
        return email.message_from_bytes(self.raw(name),
                                        policy=email.policy.default)

    def recipients(self, names=None):
        """The recipient of each mail, in order of arrival."""
        found = []
        for name in self.names() if names is None else names:
            head = self.raw(name).split(b"\r\n\r\n", 1)[0].decode("latin-1")
            found.append(re.search(r"^Delivered-To: (\S+)", head,
                                   re.MULTILINE)[1])
        return found

    def mails_to(self, address):
        return [name for name in self.names()
                if f"Delivered-To: {address}\r\n".encode()
                in self._head(name)]

    def _head(self, name):
        path = os.path.join(self.directory, name)
        if path not in self.heads:
            self.heads[path] = self.raw(name)[:4096]
        return self.heads[path]

    def wait_for(self, address, limit_s=30):
        """The mail to this address, raw bytes, once it is there."""
        names = wait_until(lambda: self.mails_to(address), limit_s,
                           f"a mail to {address}", 0.05)
        return self.raw(names[0])


def line_of(stack, address, limit_s=30):
    """The page of somebody's place in line, which only their mail names.

    Of a mail that is not out yet the queue has the text.
    """
    mailbox = Mailbox(stack.at.mail)

    def texts():
        for name in mailbox.mails_to(address):
            yield mailbox.mail(name).get_body(("plain",)).get_content()
        with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"],
                         decode_responses=True) as client:
            for key in client.scan_iter(
                    stack.env["QUEUE_PREFIX"] + "j:*.wait.*", count=1000):
                text = client.hget(key, "b") or ""
                if json.dumps(address) in text:
                    yield text.replace("\\/", "/")

    def found():
        for text in texts():
            if link := re.search(r"/w/[0-9A-Z]{8}\.[\w-]+", text):
                return link[0]
        return None

    return wait_until(found, limit_s, f"the link of {address}", 0.05)


class Tables:
    """The stack's database, as its administrator sees it."""

    def __init__(self, env):
        self.env = env

    def __enter__(self):
        self.connection = pymysql.connect(
            unix_socket=self.env["MYSQL_SOCKET"], user="root",
            database=self.env["MYSQL_DATABASE"], charset="utf8mb4",
            autocommit=True,
            # As our programs do.  In REPEATABLE READ a transaction ends since
            # MariaDB 11.8 when others change what it has read.
            init_command="SET SESSION TRANSACTION ISOLATION LEVEL"
                         " READ COMMITTED")
        return self

    def __exit__(self, *_):
        self.connection.close()

    def rows(self, statement, *values):
        self.connection.ping(reconnect=True)
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    @contextlib.contextmanager
    def together(self):
        """A block whose rows others see all at once, and never locked.

        The relay passes by what is locked, and looks again a minute later.
        """
        self.rows("START TRANSACTION")
        try:
            yield
        except BaseException:
            self.rows("ROLLBACK")
            raise
        self.rows("COMMIT")

    def value(self, statement, *values):
        return self.rows(statement, *values)[0][0]

    def bookings_of(self, address):
        return self.value("SELECT COUNT(*) FROM booking WHERE email = %s",
                          address)

    def open_rows(self):
        """Notifications whose fate is not known yet, though it is time."""
        return self.value("SELECT COUNT(*) FROM notification"
                          " WHERE due_at IS NOT NULL AND forget < 2"
                          " AND (begins_at IS NULL OR begins_at <= NOW(3))")

    def add_slot(self, capacity):
        """A slot of its own for a test, tomorrow or later; its page's path.

        Behind the service's others, but within a year, as visitors book; and on
        no day of a crowd, of which lists show so many only.
        """
        service, slug = self.rows(
            "SELECT id, slug FROM service ORDER BY id LIMIT 1")[0]
        last = self.value(
            "SELECT MAX(starts_at) FROM slot WHERE service_id = %s"
            " AND starts_at < NOW() + INTERVAL 300 DAY", service)
        minutes = 40 + int(time.time()) // 86400 % 7
        if self.value("SELECT COUNT(*) FROM booking b JOIN slot s ON s.id ="
                      " b.slot_id WHERE s.service_id = %s AND s.starts_at"
                      " BETWEEN %s - INTERVAL 2 DAY AND %s",
                      service, last, last) > CROWD:
            minutes += 3 * 24 * 60
        with self.connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO slot (service_id, starts_at, ends_at, zone)"
                " SELECT id, %s + INTERVAL %s MINUTE,"
                " %s + INTERVAL %s + 30 MINUTE, zone FROM service"
                " WHERE id = %s", (last, minutes, last, minutes, service))
            slot = cursor.lastrowid
            cursor.execute(
                "INSERT INTO slot_inventory (slot_id, capacity, booked)"
                " VALUES (%s, %s, 0)", (slot, capacity))
        return f"/s/{slug}/{slot}"

    def remove_slot(self, page):
        """With all that was booked on it, of which lists show so many only."""
        slot = page.rpartition("/")[2]
        of_it = "WHERE booking_id IN (SELECT id FROM booking WHERE slot_id = %s)"
        for rows in ("notification " + of_it, "booking_event " + of_it,
                     "booking WHERE slot_id = %s",
                     "slot_inventory WHERE slot_id = %s",
                     "slot WHERE id = %s"):
            self.rows("DELETE FROM " + rows, slot)


def rows_read(tables):
    """Rows that all but the relay have read; counted from the first call on.

    The server answers a statement before it counts it, and calls the
    connection asleep after that.
    """
    tables.rows("SET GLOBAL userstat = 1")
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE user LIKE"
        " 'reservoir%%' AND user <> 'reservoir_relay'"
        " AND command <> 'Sleep'") == 0, 10, "statements that are counted")
    return int(tables.value(
        "SELECT COALESCE(SUM(rows_read), 0) FROM"
        " information_schema.user_statistics WHERE user NOT IN"
        " ('root', 'reservoir_relay')"))


def wait_for_keys(tables, limit_s=120):
    """Until the relay has made the keys by which each name is found.

    The question reads all bookings: asked at once again and again it would
    take the time of the server that the relay waits for.
    """
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM booking b WHERE b.name <> '' AND NOT EXISTS"
        " (SELECT 1 FROM booking_namekey k WHERE k.booking_id = b.id)") == 0,
        limit_s, "keys of all names", 0.3)
