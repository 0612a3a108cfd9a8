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


def test_the_containers_of_docker_compose(capfd):
    why = missing()
    if why:
        pytest.skip(f"an alternative: docker-compose.yml: {why}")
    if os.environ.get("RESERVOIR_EVERYDAY") == "1":
        pytest.skip("an alternative: docker-compose.yml takes 15 minutes: "
                    "./dev package compose")
    with capfd.disabled():
        status = subprocess.run(
            [os.path.join(HERE, "compose.sh"),
             os.path.join(TOP, "build", "package")],
            timeout=LIMIT_S, check=False).returncode
    assert status == 0
