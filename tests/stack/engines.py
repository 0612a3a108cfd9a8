# SPDX-License-Identifier: MIT
"""Database servers for tests: this machine's, or those of another release.

RESERVOIR_DB_TREE names the root directory of another Debian, such as
debootstrap makes, in which mariadb-server or mysql-server is installed: then
each stack of the run has that server.  Its programs run here, with its
libraries; nothing else of it is used.
"""

import glob
import os
import subprocess

from .layout import write_text
from .procs import Trouble, run

# mariadb-install-db is a script that would run the tree's programs with this
# machine's libraries.
MADE_OF = ("system_tables", "performance_tables", "system_tables_data",
           "sys_schema")
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


class Engine:
    """The programs of a database server."""

    def __init__(self, tree=None):
        if tree is None:
            tree = os.environ.get("RESERVOIR_DB_TREE", "")
        self.tree = tree.rstrip("/")
        mariadbd, mysqld = (f"{self.tree}/usr/sbin/{name}"
                            for name in ("mariadbd", "mysqld"))
        self.is_mysql = bool(self.tree) and not os.path.exists(mariadbd)
        self.program = mysqld if self.is_mysql else mariadbd

    def command(self, *words):
        """What runs the server with these options."""
        if not self.tree:
            return [self.program, *words]
        (loader,) = glob.glob(f"{self.tree}/lib64/ld-linux-*.so.*")
        libraries = ":".join(sorted(
            {os.path.dirname(path) for path in
             glob.glob(f"{self.tree}/usr/lib/*-linux-gnu/libc.so.6")})
            + [f"{self.tree}/usr/lib/mysql/private"])
        kind = "mysql" if self.is_mysql else "mariadb"
        share = next(place for place in (f"{self.tree}/usr/share/{kind}",
                                         f"{self.tree}/usr/share/mysql")
                     if os.path.isdir(place + "/english"))
        # --defaults-file comes first.
        return [loader, "--library-path", libraries, self.program, *words[:1],
                f"--basedir={self.tree}/usr", f"--lc-messages-dir={share}",
                f"--plugin-dir={self.tree}/usr/lib/mysql/plugin", *words[1:]]

    def install(self, cnf, data, log, env):
        """Makes the files of an empty server, unless they are there; root has
        no password."""
        made = os.path.join(data, "made")
        if os.path.exists(made):
            return
        if self.is_mysql:
            run(self.command(f"--defaults-file={cnf}",
                             "--initialize-insecure"), log, env,
                "making the database's files", 120)
        elif self.tree:
            self._bootstrap(cnf, data, log, env)
        else:
            # --force: "localhost" need not be known to anybody.
            run(["/usr/bin/mariadb-install-db", f"--defaults-file={cnf}",
                 f"--datadir={data}",
                 "--auth-root-authentication-method=normal",
                 "--skip-test-db", "--force"]
                + (["--user=root"] if os.getuid() == 0 else []), log, env,
                "making the database's files", 120)
        write_text(made, "")

    def _bootstrap(self, cnf, data, log, env):
        os.makedirs(data, exist_ok=True)
        text = ("CREATE DATABASE mysql;\nUSE mysql;\n"
                "SET @auth_root_socket = NULL;\n")
        for name in MADE_OF:
            (path,) = glob.glob(f"{self.tree}/usr/share/*/mariadb_{name}.sql")
            with open(path, encoding="utf-8") as file:
                text += file.read()
        with open(log, "ab") as output:
            done = subprocess.run(
                self.command(f"--defaults-file={cnf}", "--bootstrap"),
                input=text.encode(), stdout=output, stderr=output, env=env,
                timeout=120, check=False)
        if done.returncode:
            raise Trouble(f"making the database's files: see {log}")
