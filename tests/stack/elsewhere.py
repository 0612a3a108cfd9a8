# SPDX-License-Identifier: MIT
"""A stack's booking.fcgi and bookctl with a database on other servers."""

import os
import subprocess

from . import confs, parts
from .layout import TOP, write_text

ANY_HOST = "'@'%'"


class Elsewhere:
    """Makes database, accounts and tables there, and moves the stack to it.

    The whole fixture moves it back.
    """

    def __init__(self, stack, server, directory, **settings):
        self.stack, self.server = stack, server
        self.settings = {"mysql_socket": "",
                         "mysql_host": f"127.0.0.1:{server.port}"} | settings
        self.grants = os.path.join(directory, "grants.sql")
        with open(os.path.join(TOP, "schema", "grants.sql"),
                  encoding="utf-8") as file:
            write_text(self.grants,
                       file.read().replace("'@'localhost'", ANY_HOST))
        self.owner_conf = os.path.join(directory, "owner.conf")
        self.write_owner()

    def write_owner(self):
        with open(self.stack.env["OWNER_CONF"], encoding="utf-8") as file:
            lines = [line for line in file.read().splitlines()
                     if line.partition(" =")[0] not in
                     {"grants_file", *self.settings}]
        write_text(self.owner_conf, "\n".join(lines) + "\n"
                   + confs.settings_text(self.settings | {
                       "grants_file": self.grants}))

    def accounts(self, require=""):
        """The database, and the accounts with the stack's passwords."""
        ask = self.server.ask
        ask(f"CREATE DATABASE IF NOT EXISTS {confs.DATABASE}"
            " CHARACTER SET utf8mb4")
        for account, secret in confs.DB_ACCOUNTS.items():
            ask(f"CREATE USER IF NOT EXISTS '{account}'@'%%' IDENTIFIED BY %s"
                + require, self.stack.at.make_secret(secret))
        ask("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX,"
            f" REFERENCES ON {confs.DATABASE}.* TO 'reservoir_owner'@'%'"
            " WITH GRANT OPTION")

    def bookctl(self, *words, conf=None, status=0):
        """Runs it as the owner of the tables; all that it said."""
        done = subprocess.run(
            [self.stack.env["BOOKCTL"], "-c", conf or self.owner_conf, *words],
            env=parts.environment(self.stack.at), text=True, timeout=120,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == status, done.stdout
        return done.stdout

    def tables(self):
        self.bookctl("migrate")
        self.bookctl("sample")

    def move(self):
        """The stack's booking.fcgi books there."""
        self.stack.overrides["booking"].update(self.settings)
        self.stack.restart("booking")

    def check(self, **changes):
        """What -t says with these settings: (status, errors)."""
        conf = self.owner_conf + ".check"
        confs.booking(self.stack)
        with open(self.stack.env["BOOKING_CONF"], encoding="utf-8") as file:
            values = dict(line.split(" = ", 1)
                          for line in file.read().splitlines())
        write_text(conf, confs.settings_text(values | self.settings | changes))
        done = subprocess.run(
            [self.stack.env["BOOKING_FCGI"], "-t", "-c", conf],
            env=parts.environment(self.stack.at), text=True, timeout=60,
            capture_output=True, check=False)
        return done.returncode, done.stderr
