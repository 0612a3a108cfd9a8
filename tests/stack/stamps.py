# SPDX-License-Identifier: MIT
"""Addresses that booking.fcgi proves to be its own."""

import base64
import hashlib
import hmac
import re
import time

__all__ = ["done_page", "foreign_done", "line_page", "unstamped"]


def _proof(stack, text):
    code = hmac.new(stack.at.make_secret("server.key").encode(),
                    text.encode(), hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(code).decode().rstrip("=")


def _stamp(stack, what, at):
    at = int(time.time()) if at is None else at
    return f"{at}." + _proof(stack, f"reservoir stamp 1:{at}:{what}")


def line_page(stack, ref, nonce):
    """Of a place in line, as its mail names it, by what its row has."""
    return f"/w/{ref}." + _proof(
        stack, f"reservoir capability 2:w:{nonce.hex()}:0")


def done_page(stack, what, at=None):
    return f"/done/{what}?at={_stamp(stack, what, at)}"


def foreign_done(stack, key, what, at=None):
    """Of a form on another site."""
    return (f"/f/{key}/done?what={what}"
            f"&at={_stamp(stack, f'{key}:{what}', at)}")


def unstamped(text):
    """The same, whenever it was stamped."""
    return re.sub(r"\bat=\d+\.[\w-]{22}", "at=STAMP", text)
