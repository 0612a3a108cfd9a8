# SPDX-License-Identifier: MIT
"""Certificates for tests, made by openssl when they are needed."""

import os

from .layout import write_text
from .procs import run


class Authority:
    """A certificate authority in a directory of its own."""

    def __init__(self, directory):
        self.dir = os.fspath(directory)
        os.makedirs(self.dir, mode=0o700, exist_ok=True)
        self.file = os.path.join(self.dir, "ca.pem")
        self._key = os.path.join(self.dir, "ca.key")
        self._made = 0
        self._self_signed(self.file, self._key, "Test Authority")

    def _openssl(self, *words):
        run(["openssl", *words], os.path.join(self.dir, "openssl.log"),
            {"PATH": "/usr/bin:/bin"}, "openssl")

    def _self_signed(self, certificate, key, name, *more):
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                      "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                      "-subj", f"/CN={name}", "-keyout", key, "-out",
                      certificate, *more)

    def _names(self):
        self._made += 1
        base = os.path.join(self.dir, f"server{self._made}")
        return base + ".pem", base + ".key", base

    def self_signed(self, name):
        """One that nobody vouches for: (certificate, key)."""
        certificate, key, _ = self._names()
        self._self_signed(certificate, key, name, "-addext",
                          f"subjectAltName=DNS:{name}")
        return certificate, key

    def issue(self, name, expired=False):
        """A good one for the name, or one that was: (certificate, key)."""
        certificate, key, base = self._names()
        request, extras = base + ".csr", base + ".ext"
        kind = "IP" if name.replace(".", "").isdigit() else "DNS"
        write_text(extras, f"subjectAltName={kind}:{name}\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt",
                      "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                      f"/CN={name}", "-keyout", key, "-out", request)
        # An end before the beginning is refused since OpenSSL 3.5, and
        # -not_after is too new for 3.0: it ends when it begins.
        self._openssl("x509", "-req", "-in", request, "-CA", self.file,
                      "-CAkey", self._key, "-CAcreateserial", "-extfile",
                      extras, "-days", "0" if expired else "2", "-out",
                      certificate)
        return certificate, key
