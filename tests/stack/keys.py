# SPDX-License-Identifier: MIT
"""Keys of forms on other sites, made as an operator makes them."""

import os
import subprocess


def bookctl_says(stack, *words):
    """Runs bookctl with the program's own settings: (status, out, err)."""
    done = subprocess.run(
        [stack.env["BOOKCTL"], "-c", os.path.join(stack.at.conf,
                                                  "booking.conf"), *words],
        capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout, done.stderr


def add_form_key(stack, origins, returns=(), name="a test"):
    words = ["key", "add", "--form", name]
    for origin in origins:
        words += ["--origin", origin]
    for place in returns:
        words += ["--return", place]
    status, out, err = bookctl_says(stack, *words)
    assert status == 0, err
    return out.strip()


def add_api_key(stack, name, read_only=False):
    """A key of the admin interface: the headers that a program sends."""
    words = ["key", "add", "--api", name]
    status, out, err = bookctl_says(stack, *words,
                                    *(["--read-only"] if read_only else []))
    assert status == 0, err
    return {"Authorization": f"Bearer {out.strip()}"}
