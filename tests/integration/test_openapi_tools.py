# SPDX-License-Identifier: MIT
"""doc/openapi.json judged by other people's tools.

OpenAPI's own schema says whether the file is one (by way of
@seriousme/openapi-schema-validator), and Prism (@stoplight/prism-cli) stands
between a client and the running program and judges each request and answer.
"""

import json
import os
import subprocess

import pytest
import requests
from stack.keys import add_api_key
from stack.layout import TOP, free_port
from stack.visitor import new_key, unique_address, wait_until

DOC = os.path.join(TOP, "doc", "openapi.json")
TOOLS = os.path.join(TOP, "build", "openapi")
PACKAGES = ("@stoplight/prism-cli@5", "@seriousme/openapi-schema-validator@2")
PRISM = "https://stoplight.io/prism/errors"


@pytest.fixture(scope="module")
def tools():
    """Where the tools are, fetched once."""
    modules = os.path.join(TOOLS, "node_modules")
    if not os.path.exists(os.path.join(modules, ".bin", "prism")):
        try:
            subprocess.run(["npm", "install", "--no-audit", "--no-fund",
                            "--fetch-retries=1",
                            "--ignore-scripts", "--prefix", TOOLS, *PACKAGES],
                           check=True, capture_output=True, timeout=300)
        except (OSError, subprocess.SubprocessError) as trouble:
            pytest.skip(f"not to be had: OpenAPI's tools, of npm: {trouble}")
    return modules


def say(tools, path):
    """What the validator makes of a file: (version, errors)."""
    script = """
import { Validator } from "@seriousme/openapi-schema-validator";
const judge = new Validator();
const result = await judge.validate(process.argv[1]);
console.log(JSON.stringify([judge.version, result.errors ?? []]));
"""
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", script, "--", path],
        cwd=os.path.dirname(tools), capture_output=True, text=True,
        timeout=60, check=True)
    return json.loads(done.stdout)


def test_the_file_is_openapi_3_1(tools, tmp_path):
    assert say(tools, DOC) == ["3.1", []]
    with open(DOC, encoding="utf-8") as file:
        broken = json.load(file)
    broken["paths"]["/services"]["get"]["responses"] = []
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(broken), encoding="utf-8")
    assert say(tools, str(path))[1]


class Prism:
    """Prism before the program; its own complaints are failures."""

    def __init__(self, tools, doc, stack, log):
        self.url = f"http://127.0.0.1:{free_port()}"
        with open(log, "wb") as file:
            self.process = subprocess.Popen(
                [os.path.join(tools, ".bin", "prism"), "proxy", doc,
                 stack.http_url + "/api/v1", "--errors",
                 "-h", "127.0.0.1", "-p", self.url.rpartition(":")[2]],
                stdout=file, stderr=subprocess.STDOUT)
        wait_until(self._answers, 60, "prism", 0.1)

    def _answers(self):
        assert self.process.poll() is None, "prism has ended"
        try:
            return requests.get(self.url + "/services", timeout=20)
        except requests.ConnectionError:
            return None

    def raw(self, method, path, **more):
        return requests.request(method, self.url + path, timeout=20, **more)

    def call(self, method, path, **more):
        answer = self.raw(method, path, **more)
        assert PRISM not in answer.text, (method, path, answer.text)
        return answer

    def close(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def prism(tools, stack, tmp_path_factory):
    """With one lie in the file, about /admin/stats, to see that it looks."""
    folder = tmp_path_factory.mktemp("prism")
    with open(DOC, encoding="utf-8") as file:
        doc = json.load(file)
    doc["components"]["schemas"]["Stats"]["required"].append("invented")
    path = folder / "openapi.json"
    path.write_text(json.dumps(doc), encoding="utf-8")
    one = Prism(tools, str(path), stack, folder / "prism.log")
    yield one
    one.close()


@pytest.fixture(scope="module")
def key(stack):
    return add_api_key(stack, "prism")


def test_prism_sees_what_is_not_as_described(prism, key):
    """An answer that lacks something, requests that are none."""
    for path, headers, complaint in (
            ("/admin/stats", key, "#VIOLATIONS"),
            ("/admin/stats", {}, "#UNAUTHORIZED"),
            ("/admin/outbox?state=lost", key, "#UNPROCESSABLE_ENTITY"),
            ("/bookings/x", {}, "#UNPROCESSABLE_ENTITY"),
            ("/nothing", {}, "#NO_PATH_MATCHED_ERROR")):
        answer = prism.raw("GET", path, headers=headers)
        assert PRISM + complaint in answer.text, path


def test_a_booking_s_life_is_as_described(prism, key, tables):
    """All that is done to bookings, by visitors and by organisers."""
    there = int(tables.add_slot(5).rpartition("/")[2])
    wish = {"slot": int(tables.add_slot(5).rpartition("/")[2]), "lang": "fr",
            "name": "Zoé Martin", "email": unique_address("prism")}
    services = prism.call("GET", "/services").json()["services"]
    slots = prism.call("GET", f"/services/{services[0]['slug']}/slots?free=1")
    assert slots.status_code == 200
    once = {"Idempotency-Key": new_key()}
    made = prism.call("POST", "/bookings", json=wish, headers=once)
    assert made.status_code == 201
    ref = made.json()["ref"]
    own = made.json()["links"]["self"].partition("/api/v1")[2]
    assert prism.call("POST", "/bookings", json=wish | {"name": "Other"},
                      headers=once).status_code == 422
    assert prism.call("GET", own).json()["ref"] == ref
    assert prism.call("POST", own + "/move",
                      json={"slot": there}).status_code == 200
    forged = own[:-1] + ("A" if own[-1] != "A" else "Q")
    assert prism.call("GET", forged).status_code == 404
    for path in (f"/admin/bookings?ref={ref}&limit=10", "/admin/outbox",
                 f"/admin/bookings/{ref}"):
        assert prism.call("GET", path, headers=key).status_code == 200, path
        wrong = {"Authorization": "Bearer rsv_none"}
        assert prism.call("GET", path, headers=wrong).status_code == 401
    for rest, body in (("/resend", {}),
                       ("/email", {"email": unique_address("prism")}),
                       ("/cancel", {"reason": "Malade", "revision": 3})):
        assert prism.call("POST", f"/admin/bookings/{ref}{rest}", json=body,
                          headers=key).status_code == 200, rest
    assert prism.call("POST", f"/admin/bookings/{ref}/resend", json={},
                      headers=key).status_code == 409
