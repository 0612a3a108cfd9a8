# SPDX-License-Identifier: MIT
"""./dev run on a machine that has what it installs, and nothing more."""

import os
import subprocess

import pytest
from stack.layout import TOP

PARTS = {"cli": [], "viewer": [], "catcher": ["aiosmtpd"]}

# Of all that is not Python's own, only the modules named; each name in them
# is a class.
BARE = """
import importlib.abc, importlib.machinery, sys, types

class Stand(types.ModuleType):
    __path__ = []
    def __getattr__(self, name):
        return type(name, (), {})

class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.argv[2:]:
            return importlib.machinery.ModuleSpec(name, self)
    def create_module(self, spec):
        return Stand(spec.name)
    def exec_module(self, module):
        pass

sys.meta_path.insert(0, Finder())
sys.path[:0] = ["tests", "tests/stack"]
__import__(sys.argv[1])
"""


@pytest.mark.parametrize("part", PARTS)
def test_it_needs_no_module_but_those_of_its_packages(part):
    with open(os.path.join(TOP, "build-aux/packages.txt"),
              encoding="utf-8") as file:
        installed = file.read().partition("[run]")[2].partition("[")[0].split()
    assert {f"python3-{name}" for name in PARTS[part]} <= set(installed)
    said = subprocess.run(
        ["/usr/bin/python3", "-S", "-E", "-c", BARE, part, *PARTS[part]],
        cwd=TOP, text=True, check=False, capture_output=True)
    assert said.returncode == 0, said.stderr
