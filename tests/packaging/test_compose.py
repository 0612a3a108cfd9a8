# SPDX-License-Identifier: MIT
"""docker-compose.yml for real, where there is an engine."""

import os
import subprocess

import pytest
from stack.layout import TOP

HERE = os.path.join(TOP, "tests", "packaging")
LIMIT_S = 3600


def missing():
    """Why no engine can be started here; "" if one can."""
    return subprocess.run(
        ["sh", "-c", '. "$1"; engine_is_missing', "sh",
         os.path.join(HERE, "engine.sh")], text=True, check=True,
        capture_output=True).stdout.strip()


def run(script, *words):
    what = " ".join(words) or "docker-compose.yml"
    why = missing()
    if why:
        pytest.skip(f"an alternative: {what}: {why}")
    if os.environ.get("RESERVOIR_EVERYDAY") == "1":
        pytest.skip(f"an alternative: {what} takes 10 minutes: "
                    f"./dev package {' '.join(words) or 'compose'}")
    return subprocess.run(
        [os.path.join(HERE, script), os.path.join(TOP, "build", "package"),
         *words], timeout=LIMIT_S, check=False).returncode


def test_the_containers_of_docker_compose(capfd):
    with capfd.disabled():
        assert run("compose.sh") == 0


@pytest.mark.parametrize("kind", ["sentinel", "cluster", "galera", "rabbitmq"])
def test_several_servers_of_a_kind(kind, capfd):
    with capfd.disabled():
        assert run("compose-engine.sh", kind) == 0
