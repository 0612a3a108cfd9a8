#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints an OAuth access token for maild, and its life in seconds.

The libraries of Microsoft and Google do the work; this reads the settings,
looks at file modes, limits the time, and says in one line what went wrong.
"""

import argparse
import configparser
import datetime
import functools
import json
import logging
import os
import re
import signal
import stat
import sys

CONF = "/etc/reservoir/token.conf"
SECTION = "token"
MICROSOFT = "https://login.microsoftonline.com"
MICROSOFT_SCOPE = "https://outlook.office365.com/.default"
GOOGLE_SCOPE = "https://mail.google.com/"
# Each is given its default, None = it must be set.
SETTINGS = {
    "microsoft": {
        "tenant": None, "client_id": None, "client_secret_file": "",
        "certificate_file": "", "authority": MICROSOFT,
        "scope": MICROSOFT_SCOPE},
    "google": {
        "key_file": None, "subject": None, "token_url": "",
        "scope": GOOGLE_SCOPE},
}
COMMON = {"provider": None, "ca_file": "", "timeout": "20"}
TIMEOUT_MAX_S = 25      # maild kills after 30
LINE_MAX = 300
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")     # RFC 6750, section 2.1

EX_USAGE, EX_UNAVAILABLE, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG = \
    64, 69, 75, 77, 78


class Failure(Exception):
    """What went wrong, with the status to leave with."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def read_private(path):
    """The text of a file that only its owner may read."""
    try:
        with open(path, encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise Failure(EX_CONFIG, f"{path} has mode {mode:03o}: others "
                              "may read it; chmod 0600 it")
            return file.read()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "is not UTF-8"
        raise Failure(EX_CONFIG, f"{path}: {why}") from None


def read_secret(path):
    """Its one line."""
    lines = read_private(path).splitlines()
    if len(lines) != 1 or not lines[0].strip() or \
            not lines[0].isprintable():
        raise Failure(EX_CONFIG, f"{path}: not one line with a secret")
    return lines[0].strip()


def read_settings(path):
    """The settings of [token], checked by name, with their defaults."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(read_private(path), path)
    except configparser.Error as error:
        raise Failure(EX_CONFIG, f"{path}: {one_line(error)}") from None
    if parser.sections() != [SECTION]:
        raise Failure(EX_CONFIG, f"{path}: not one section [{SECTION}]")
    given = dict(parser[SECTION])
    known = SETTINGS.get(given.get("provider"))
    if known is None:
        raise Failure(EX_CONFIG, f"{path}: provider is not one of "
                      + ", ".join(SETTINGS))
    known = COMMON | known
    for name in given:
        if name not in known:
            raise Failure(EX_CONFIG, f"{path}: unknown setting {name}")
    values = known | given
    for name, value in values.items():
        if value is None or (known[name] is None and not value):
            raise Failure(EX_CONFIG, f"{path}: {name} is missing")
    if not values["timeout"].isascii() or not values["timeout"].isdigit() \
            or not 1 <= int(values["timeout"]) <= TIMEOUT_MAX_S:
        raise Failure(EX_CONFIG, f"{path}: timeout is not a number of seconds "
                      f"from 1 to {TIMEOUT_MAX_S}")
    return values


def one_line(said):
    """The first line of what somebody says, fit for a log."""
    line = (str(said).strip().splitlines() or ["without a word"])[0]
    return "".join(c if c.isprintable() else "?" for c in line)[:LINE_MAX]


def library(name):
    """A module; the Debian package that has it is named if it is missing."""
    try:
        return __import__(name, fromlist=["_"])
    except ImportError as error:
        package = {"msal": "python3-msal"}.get(
            name, "python3-google-auth and python3-requests")
        raise Failure(EX_UNAVAILABLE, f"no module {error.name or name}: install "
                      f"{package}") from None


# ---- Microsoft: client credentials -----------------------------------------

def microsoft_credential(values):
    """What the client proves itself with, as the library wants it."""
    secret, certificate = \
        values["client_secret_file"], values["certificate_file"]
    if bool(secret) == bool(certificate):
        raise Failure(EX_CONFIG, "set one of client_secret_file and "
                      "certificate_file")
    if secret:
        return read_secret(secret)
    # Key and certificate in one file.
    pem = read_private(certificate)
    x509 = library("cryptography.x509")
    hashes = library("cryptography.hazmat.primitives.hashes")
    try:
        thumbprint = x509.load_pem_x509_certificate(
            pem.encode()).fingerprint(hashes.SHA1()).hex()
    except ValueError:
        raise Failure(EX_CONFIG, f"{certificate}: no certificate in PEM") \
            from None
    return {"private_key": pem[pem.find("-----BEGIN"):],
            "thumbprint": thumbprint}


def microsoft(values):
    """(token, seconds)"""
    credential = microsoft_credential(values)
    msal = library("msal")
    try:
        app = msal.ConfidentialClientApplication(
            values["client_id"], client_credential=credential,
            authority=f"{values['authority'].rstrip('/')}/{values['tenant']}",
            # Microsoft's own list knows only Microsoft's own hosts.
            instance_discovery=values["authority"] == MICROSOFT,
            timeout=int(values["timeout"]))
    except ValueError as error:
        raise Failure(EX_CONFIG, one_line(error)) from None
    answer = app.acquire_token_for_client([values["scope"]])
    if "access_token" not in answer:
        words = answer.get("error_description") or answer.get("error")
        raise Failure(EX_NOPERM, "refused: " + one_line(words or ""))
    return answer["access_token"], answer.get("expires_in")


# ---- Google: service account ------------------------------------------------

def google(values):
    """(token, seconds)"""
    try:
        key = json.loads(read_private(values["key_file"]))
        if values["token_url"]:
            key["token_uri"] = values["token_url"]
    except (ValueError, TypeError):
        raise Failure(EX_CONFIG, f"{values['key_file']}: not a JSON key") \
            from None
    account = library("google.oauth2.service_account")
    transport = library("google.auth.transport.requests")
    errors = library("google.auth.exceptions")
    request = functools.partial(transport.Request(),
                                timeout=int(values["timeout"]))
    try:
        credentials = account.Credentials.from_service_account_info(
            key, scopes=[values["scope"]], subject=values["subject"])
    except (ValueError, TypeError, AttributeError):
        raise Failure(EX_CONFIG, f"{values['key_file']}: not the key of a "
                      "service account") from None
    try:
        credentials.refresh(request)
    except errors.RefreshError as error:
        # What it says, and all that the service said.
        raise Failure(EX_NOPERM, "refused: "
                      + one_line(error.args[0] if error.args else "")) from None
    except errors.TransportError as error:
        raise Failure(EX_TEMPFAIL, one_line(error)) from None
    now = datetime.datetime.now(datetime.timezone.utc)
    if credentials.expiry.tzinfo is None:
        now = now.replace(tzinfo=None)
    return credentials.token, (credentials.expiry - now).total_seconds()


# ---- all of it ---------------------------------------------------------------

def late(*_):
    """Ends us: the limits of libraries are for each read, not for all."""
    os.write(2, b"reservoir-token: no answer in time\n")
    os._exit(EX_TEMPFAIL)


def get_token(values):
    """(token, whole seconds); whatever the libraries raise is a Failure."""
    signal.signal(signal.SIGALRM, late)
    signal.alarm(int(values["timeout"]))
    if values["ca_file"]:
        # Both libraries ask by requests, in which this comes before all else.
        os.environ["REQUESTS_CA_BUNDLE"] = values["ca_file"]
    try:
        token, life = {"microsoft": microsoft,
                       "google": google}[values["provider"]](values)
        token, life = str(token), int(life)
    except Failure:
        raise
    # Those of the network are many, and of three libraries.
    except Exception as error:      # pylint: disable=broad-except
        raise Failure(EX_TEMPFAIL, f"{type(error).__name__}: "
                      + one_line(error)) from None
    finally:
        signal.alarm(0)
    if not TOKEN.fullmatch(token) or life < 1:
        raise Failure(EX_TEMPFAIL, "the token service's answer is no token")
    return token, life


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="reservoir-token",
        description="Prints an OAuth access token and its life in seconds.")
    parser.add_argument("-c", metavar="FILE", default=CONF, dest="conf",
                        help=f"settings file (default {CONF})")
    # The libraries' own words may have the service's whole answer in them.
    logging.disable()
    try:
        args = parser.parse_args()
    except SystemExit as stop:
        return EX_USAGE if stop.code else 0
    try:
        token, life = get_token(read_settings(args.conf))
        print(token, life, sep="\n", flush=True)
    except Failure as failure:
        print(f"reservoir-token: {failure}", file=sys.stderr)
        return failure.status
    except OSError as error:
        print(f"reservoir-token: {error.strerror}", file=sys.stderr)
        return EX_TEMPFAIL
    return 0


if __name__ == "__main__":
    sys.exit(main())
