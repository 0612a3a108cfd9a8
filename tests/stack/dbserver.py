# SPDX-License-Identifier: MIT
"""Database servers beside the stack's."""

import os

import pymysql

from . import confs
from .engines import ENVIRONMENT, Engine
from .layout import free_port, write_text
from .procs import Trouble, alive, send_signal, spawn, tail, wait_until

START_LIMIT_S = 60


class DbServer:
    """A server with a port and a directory of its own; close() ends it."""

    def __init__(self, directory, more="", engine=None, env=None):
        self.engine = engine or Engine()
        self.env = ENVIRONMENT | (env or {})
        self.dir = os.path.realpath(directory)
        self.port = free_port()
        self.socket = os.path.join(self.dir, "s")
        self.log = os.path.join(self.dir, "log")
        self.proc = None
        self.cnf = os.path.join(self.dir, "my.cnf")
        data = os.path.join(self.dir, "data")
        os.makedirs(os.path.join(self.dir, "tmp"), exist_ok=True)
        assert len(self.socket) < 100, self.socket
        write_text(self.cnf, confs.database(
            data=data, tmp=os.path.join(self.dir, "tmp"), socket=self.socket,
            network=f"bind_address = 127.0.0.1\nport = {self.port}", more=more))
        self.engine.install(self.cnf, data, self.log, self.env)

    def begin(self, *words):
        """Starts it; serves() says when it serves."""
        self.proc = spawn(
            self.engine.command(f"--defaults-file={self.cnf}", *words),
            self.log, self.env)

    def start(self, *words):
        self.begin(*words)
        wait_until(self.serves, START_LIMIT_S, f"a database: see {self.log}")

    def serves(self):
        if not self.runs():
            raise Trouble(f"the database ended:\n{tail(self.log, 40)}")
        try:
            return self.ask("SELECT 1")
        except pymysql.MySQLError:
            return None

    def runs(self):
        return bool(self.proc) and self.proc.poll() is None

    def ask(self, statement, *values, database=None):
        """As root; the rows."""
        with pymysql.connect(
                unix_socket=self.socket, user="root", database=database,
                charset="utf8mb4", autocommit=True, connect_timeout=10,
                read_timeout=30) as connection:
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall()

    def kill(self, number=9):
        send_signal(self.proc.pid, number)
        if number == 9:
            self.proc.wait()

    def close(self):
        if self.proc and alive(self.proc.pid):
            self.kill()
