# SPDX-License-Identifier: MIT
"""A database of a test's own on the stack's server."""

import os
import shutil
import subprocess

import pymysql

from . import confs, parts
from .layout import TOP, write_text

LIMIT_S = 60
SCHEMA = os.path.join(TOP, "schema")
SHAPE = (
    "SELECT table_name, column_name, column_type, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = %s",
    "SELECT table_name, index_name, seq_in_index, column_name, non_unique"
    " FROM information_schema.statistics WHERE table_schema = %s",
    "SELECT table_name, constraint_name, constraint_type"
    " FROM information_schema.table_constraints WHERE table_schema = %s",
)


class Database:
    """An empty database of its own, and a bookctl that migrates it."""

    def __init__(self, stack, directory, name):
        self.stack, self.name = stack, name
        self.connection = self.connect("mysql")
        for words in (f"DROP DATABASE IF EXISTS {name}",
                      f"CREATE DATABASE {name} CHARACTER SET utf8mb4",
                      f"GRANT ALL ON {name}.* TO reservoir_owner@localhost"):
            self.ask(words)
        self.connection.select_db(name)
        self.data = directory / f"share-{name}"
        shutil.copytree(stack.at.share, self.data,
                        ignore=shutil.ignore_patterns("schema"))
        (self.data / "schema").mkdir()
        self.conf = str(directory / f"{name}.conf")
        with open(stack.env["OWNER_CONF"], encoding="utf-8") as file:
            text = file.read().replace(
                f"mysql_database = {confs.DATABASE}\n",
                f"mysql_database = {name}\n").replace(
                f"data_dir = {stack.at.share}\n", f"data_dir = {self.data}\n")
        assert name in text and str(self.data) in text
        # Its tables are the owner's alone.
        text = "".join(line for line in text.splitlines(keepends=True)
                       if not line.startswith("grants_file = "))
        write_text(self.conf, text)

    def connect(self, database):
        return pymysql.connect(unix_socket=self.stack.env["MYSQL_SOCKET"],
                               user="root", database=database,
                               charset="utf8mb4", autocommit=True)

    def ask(self, words, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(words, values)
            return cursor.fetchall()

    def give(self, name, text=None):
        """Puts a migration in its place, or another text under its name."""
        path = self.data / "schema" / name
        if text is None:
            shutil.copy(os.path.join(SCHEMA, name), path)
        else:
            path.write_text(text, encoding="utf-8")

    def begin(self, *words):
        return subprocess.Popen(
            [self.stack.env["BOOKCTL"], "-c", self.conf, *words],
            env=parts.environment(self.stack.at), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def bookctl(self, *words, status=0):
        process = self.begin(*words)
        said, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == status, said
        return said

    def migrate(self, status=0):
        return self.bookctl("migrate", status=status)

    def version(self):
        return self.ask("SELECT MAX(version) FROM schema_version")[0][0]

    def shape(self):
        return [sorted(self.ask(words, self.name), key=repr)
                for words in SHAPE]

    def close(self):
        self.ask(f"DROP DATABASE {self.name}")
        self.connection.close()
