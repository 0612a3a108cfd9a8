# SPDX-License-Identifier: MIT
"""Addresses of pages that say what was done, as booking.fcgi stamps them."""

import base64
import hashlib
import hmac
import re
import time

__all__ = ["done_page", "foreign_done", "unstamped"]


def _stamp(stack, what, at):
    at = int(time.time()) if at is None else at
    code = hmac.new(stack.at.make_secret("server.key").encode(),
                    f"reservoir stamp 1:{at}:{what}".encode(),
                    hashlib.sha256).digest()[:16]
    return f"{at}." + base64.urlsafe_b64encode(code).decode().rstrip("=")


def done_page(stack, what, at=None):
    return f"/done/{what}?at={_stamp(stack, what, at)}"


def foreign_done(stack, key, what, at=None):
    """Of a form on another site."""
    return (f"/f/{key}/done?what={what}"
            f"&at={_stamp(stack, f'{key}:{what}', at)}")


def unstamped(text):
    """The same, whenever it was stamped."""
    return re.sub(r"\bat=\d+\.[\w-]{22}", "at=STAMP", text)
