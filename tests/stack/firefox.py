# SPDX-License-Identifier: MIT
"""A visitor in Firefox, driven by Marionette, which Firefox itself speaks."""

import base64
import json
import os
import socket
import subprocess

from .procs import wait_until

LIMIT_S = 60
PROGRAM = "/usr/bin/firefox-esr"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"     # WebDriver's own word


class Firefox:
    """One window of a fresh profile, without a script engine for pages."""

    def __init__(self, directory, language="en", **settings):
        self.directory = str(directory)
        os.makedirs(self.directory, exist_ok=True)
        values = {"marionette.port": 0, "javascript.enabled": False,
                  "intl.accept_languages": language,
                  "datareporting.policy.dataSubmissionEnabled": False,
                  "browser.shell.checkDefaultBrowser": False,
                  "app.update.enabled": False,
                  "network.captive-portal-service.enabled": False,
                  "network.connectivity-service.enabled": False} | settings
        with open(os.path.join(self.directory, "user.js"), "w",
                  encoding="utf-8") as file:
            for name, value in values.items():
                file.write(f"user_pref({json.dumps(name)}, "
                           f"{json.dumps(value)});\n")
        with open(os.path.join(self.directory, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--headless", "--no-remote", "--marionette",
                 "--profile", self.directory], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env={
                    "HOME": self.directory, "PATH": "/usr/bin:/bin",
                    "LANG": "C.UTF-8", "MOZ_HEADLESS": "1"})
        self.number = 0
        self.stream = None
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def _connect(self):
        port = wait_until(self._port, LIMIT_S, "Firefox", 0.1)
        self.socket = socket.create_connection(("127.0.0.1", port), LIMIT_S)
        self.stream = self.socket.makefile("rb")
        self._read()            # who it is
        self.do("WebDriver:NewSession", capabilities={})

    def _port(self):
        assert self.process.poll() is None, "Firefox does not start"
        try:
            with open(os.path.join(self.directory, "MarionetteActivePort"),
                      encoding="ascii") as file:
                return int(file.read() or 0)
        except FileNotFoundError:
            return 0

    def _read(self):
        digits = b""
        while (byte := self.stream.read(1)) != b":":
            assert byte.isdigit(), "Firefox has gone"
            digits += byte
        return json.loads(self.stream.read(int(digits)))

    def do(self, command, **values):
        """One command; its result."""
        self.number += 1
        text = json.dumps([0, self.number, command, values]).encode()
        self.socket.sendall(b"%d:%s" % (len(text), text))
        _, number, error, result = self._read()
        assert number == self.number and not error, (command, values, error)
        return result.get("value") if isinstance(result, dict) else result

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.stream:
            self.stream.close()
            self.socket.close()

    # What a visitor does.

    def open(self, url):
        self.do("WebDriver:Navigate", url=url)

    @property
    def url(self):
        return self.do("WebDriver:GetCurrentURL")

    def all(self, selector):
        return [one[ELEMENT] for one in self.do(
            "WebDriver:FindElements", using="css selector", value=selector)]

    def one(self, selector):
        found = self.all(selector)
        assert found, (selector, self.url, self.text())
        return found[0]

    def click(self, selector):
        self.do("WebDriver:ElementClick", id=self.one(selector))

    def type(self, selector, text):
        element = self.one(selector)
        self.do("WebDriver:ElementClear", id=element)
        self.do("WebDriver:ElementSendKeys", id=element, text=text)

    def text(self, selector="body"):
        return self.do("WebDriver:GetElementText", id=self.all(selector)[0])

    def window(self, width, height):
        self.do("WebDriver:SetWindowRect", width=width, height=height)

    def picture(self, path):
        data = self.do("WebDriver:TakeScreenshot", full=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
