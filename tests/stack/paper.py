# SPDX-License-Identifier: MIT
"""Examples in doc/ as tests take them out: ```kind [name] blocks."""

import os
import re
import textwrap

from .layout import TOP


def blocks(page, kind, name=""):
    """The texts of all such blocks of doc/PAGE, in order; name None: any."""
    with open(os.path.join(TOP, "doc", page), encoding="utf-8") as file:
        text = file.read()
    found = re.findall(rf"^( *)```{kind}(?: (\w+))?\n(.*?)^\1```$", text,
                       re.M | re.S)
    return [textwrap.dedent(body) for _, own, body in found if name in (None, own)]


def commands(text):
    """A shell block's commands, one a line, without comments."""
    return [line for line in text.splitlines()
            if line.strip() and not line.startswith("#")]
