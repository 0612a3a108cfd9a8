# SPDX-License-Identifier: MIT
"""doc/openapi.json as a contract: asks the running program, judges the answer."""

import collections
import copy
import re

import jsonschema
import requests

BASE = "/api/v1"
# What the web server says, and no handler: test_nginx.py asks it.
SERVERS_OWN = {f"#/components/responses/{name}"
               for name in ("Throttled", "Unreadable", "AddressTooLong")}


def closed(schema):
    """The same, with members that are not described forbidden."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: closed(value) for name, value in schema.items()}
    # What a schema with "allOf" takes over is described, too; such parts have
    # no type of their own and stay open.
    if result.get("type") == "object" and (
            isinstance(result.get("properties"), dict) or "allOf" in result):
        result["unevaluatedProperties"] = False
    return result


class Contract:
    """What is asked below /admin brings the headers of `key`."""

    def __init__(self, url, key=None):
        self.url = url
        self.key = key or {}
        self.seen = collections.defaultdict(set)
        self.doc = requests.get(url + BASE + "/openapi.json",
                                timeout=20).json()
        self.patterns = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$"), item)
            for path, item in self.doc["paths"].items()]

    def resolve(self, node):
        while "$ref" in node:
            target = self.doc
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def _schema(self, schema):
        whole = closed({"components": self.doc["components"],
                        "allOf": [copy.deepcopy(schema)]})
        return jsonschema.Draft202012Validator(
            whole, format_checker=jsonschema.FormatChecker())

    def operation(self, method, path):
        path = path.partition("?")[0]
        for pattern, item in self.patterns:
            if pattern.match(path):
                # Other methods are refused in the way of any operation.
                own = item.get(method.lower())
                return own or next(value for name, value in item.items()
                                   if name != "parameters")
        raise AssertionError(f"{path} is not described")

    def call(self, method, path, **more):
        """Asks, and checks the answer by the file."""
        path = path.removeprefix(self.url + BASE)
        if path.startswith("/admin"):
            more["headers"] = self.key | (more.get("headers") or {})
        answer = requests.request(method, self.url + BASE + path, timeout=20,
                                  **more)
        operation = self.operation(method, path)
        status = str(answer.status_code)
        assert status in operation["responses"], (method, path, answer.text)
        wanted = self.resolve(operation["responses"][status])
        self.seen[operation["operationId"]].add(status)
        media = answer.headers.get("Content-Type", "")
        content = wanted.get("content", {})
        if not content:
            assert answer.content == b""
            return answer
        assert media in content
        self._schema(content[media]["schema"]).validate(answer.json())
        for name in wanted.get("headers", {}):
            assert name in answer.headers, (path, name)
        return answer

    def operations(self, admin, offered=False):
        """(path, method, operation) of those below /admin, or all others;
        those of services and slots below /admin only if they are wanted."""
        for path, item in self.doc["paths"].items():
            if (path.startswith("/admin") == admin and offered ==
                    path.startswith(("/admin/services", "/admin/slots"))):
                for method, operation in item.items():
                    if method != "parameters":
                        yield path, method, operation

    def not_seen(self, admin, offered=False):
        """What the file has and no call has brought about.

        But not what the web server says by itself.
        """
        return {(operation["operationId"], status)
                for _, _, operation in self.operations(admin, offered)
                for status, answer in operation["responses"].items()
                if answer.get("$ref") not in SERVERS_OWN
                and status not in self.seen[operation["operationId"]]}
