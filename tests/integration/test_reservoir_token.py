# SPDX-License-Identifier: MIT
"""reservoir-token: the shipped helper, against a token service that fails."""

import base64
import json
import os
import subprocess

import pytest
from stack.certs import Authority
from stack.layout import TOP, write_text
from stack.tokens import TokenService

PROGRAM = os.path.join(TOP, "maild", "token", "reservoir-token.py")
SECRET = "s3cret-of-the-client"
MICROSOFT, GOOGLE = "microsoft", "google"
BOTH = pytest.mark.parametrize("provider", [MICROSOFT, GOOGLE])


@pytest.fixture(scope="module", name="authority")
def _authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module", name="files")
def _files(authority):
    return authority.issue("127.0.0.1")


@pytest.fixture(name="service")
def _service(files):
    one = TokenService(files)
    yield one
    one.close()


class Helper:
    """The program with its settings."""

    def __init__(self, directory, service, authority, key):
        self.dir, self.service, self.key = directory, service, key
        self.settings = {
            MICROSOFT: {"tenant": "contoso.example", "client_id": "the-client",
                        "client_secret_file": self.put("secret", SECRET + "\n"),
                        "authority": service.url},
            GOOGLE: {"subject": "me@example.org",
                     "key_file": self.google_key(),
                     "token_url": service.url + "/token"}}
        for settings in self.settings.values():
            settings["ca_file"] = authority.file

    def put(self, name, text, mode=0o600):
        path = str(self.dir / name)
        write_text(path, text, mode)
        return path

    def google_key(self):
        return self.put("google.json", json.dumps({
            "type": "service_account", "private_key_id": "1",
            "client_email": "robot@project.example", "client_id": "1",
            "private_key": self.key,
            "token_uri": "https://127.0.0.1:1/token"}))

    def run(self, kind, mode=0o600, env=None, **changes):
        values = {"provider": kind} | self.settings[kind] | changes
        conf = self.put("token.conf", "# A comment.\n[token]\n" + "".join(
            f"{name} = {value}\n" for name, value in values.items()
            if value is not None), mode)
        done = subprocess.run(
            ["/usr/bin/python3", PROGRAM, "-c", conf], text=True, timeout=30,
            capture_output=True, check=False, env=env or {},
            stdin=subprocess.DEVNULL)
        for secret in (SECRET, "PRIVATE KEY", *self.service.known):
            assert secret not in done.stderr
        if done.returncode:
            assert done.stdout == ""
            # One line: it is what maild's log shows.
            assert done.stderr.startswith("reservoir-token: ")
            assert done.stderr.count("\n") == 1, done.stderr
        else:
            assert done.stderr == ""
        return done


@pytest.fixture(scope="module", name="key")
def _key():
    """An RSA key in PEM."""
    return subprocess.run(
        ["openssl", "genrsa", "-traditional", "2048"], check=True, text=True,
        capture_output=True, timeout=60).stdout


@pytest.fixture(name="helper")
def _helper(tmp_path, service, authority, key):
    return Helper(tmp_path, service, authority, key)


@BOTH
@pytest.mark.parametrize("length", [200, 4096])
def test_it_prints_the_token_and_its_life(helper, service, provider, length):
    service.length = length
    service.life_s = 3599
    done = helper.run(provider)
    assert done.returncode == 0, done.stderr
    token, life = done.stdout.splitlines()
    assert token in service.known and len(token) == length
    assert 3590 <= int(life) <= 3599


def test_microsoft_is_asked_with_the_clients_secret(helper, service):
    assert helper.run(MICROSOFT).returncode == 0
    (form,) = service.asked
    assert form["grant_type"] == "client_credentials"
    assert form["client_id"] == "the-client"
    assert form["client_secret"] == SECRET
    assert form["scope"] == "https://outlook.office365.com/.default"


def test_microsoft_is_asked_with_a_certificate(helper, service):
    certificate = subprocess.run(
        ["openssl", "req", "-x509", "-key", helper.put("key", helper.key),
         "-subj", "/CN=client"], check=True, text=True, capture_output=True,
        timeout=60).stdout
    both = helper.put("both.pem", certificate + helper.key)
    done = helper.run(MICROSOFT, client_secret_file=None,
                      certificate_file=both)
    assert done.returncode == 0, done.stderr
    (form,) = service.asked
    assert "client_secret" not in form
    claims = claims_of(form["client_assertion"])
    assert claims["iss"] == claims["sub"] == "the-client"


def claims_of(assertion):
    """What a JWT says; who made it is the library's business."""
    part = assertion.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_google_is_asked_for_the_subject(helper, service):
    assert helper.run(GOOGLE).returncode == 0
    claims = claims_of(service.asked[0]["assertion"])
    assert claims["iss"] == "robot@project.example"
    assert claims["sub"] == "me@example.org"
    assert claims["scope"] == "https://mail.google.com/"


@BOTH
@pytest.mark.parametrize("wish,status,words", [
    ("refuse", 77, "nvalid"), ("error", (75, 77), ""), ("close", 75, ""),
    ("html", (75, 77), ""), ("empty", (75, 77), ""),
    ({"token_type": "Bearer"}, (75, 77), ""),
    ({"access_token": "", "expires_in": 3600}, (75, 77), ""),
    ({"access_token": "a\nb", "expires_in": 3600}, 75, "no token"),
    ({"access_token": "abc", "expires_in": -5}, (75, 77), ""),
    ({"access_token": "abc", "expires_in": "soon"}, 75, ""),
    ({"access_token": ["abc"], "expires_in": 0}, (75, 77), ""),
])
def test_what_the_service_does_wrong_is_said(helper, service, provider, wish,
                                             status, words):
    service.plan = lambda: wish
    done = helper.run(provider)
    assert done.returncode in (status if isinstance(status, tuple)
                               else (status,)), done
    assert words in done.stderr


@BOTH
@pytest.mark.parametrize("wish", ["hang", "drip"])
def test_a_service_that_hangs_is_not_waited_for(helper, service, provider,
                                                wish):
    service.plan = lambda: wish
    done = helper.run(provider, timeout="3")
    assert done.returncode == 75, done


@BOTH
def test_a_service_that_is_not_proven_gets_nothing(helper, service, provider):
    done = helper.run(provider, ca_file=None)
    assert done.returncode == 75, done
    assert "certificate" in done.stderr.lower()
    assert service.asked == []


@BOTH
def test_nobody_listens(helper, service, provider):
    service.close()
    assert helper.run(provider).returncode == 75


@BOTH
def test_only_the_owner_may_read_what_is_secret(helper, provider):
    secret = {MICROSOFT: "client_secret_file", GOOGLE: "key_file"}[provider]
    path = helper.settings[provider][secret]
    os.chmod(path, 0o640)
    done = helper.run(provider)
    assert done.returncode == 78 and f"{path} has mode 640" in done.stderr
    os.chmod(path, 0o600)
    done = helper.run(provider, mode=0o644)
    assert done.returncode == 78 and "chmod 0600" in done.stderr


@pytest.mark.parametrize("provider,changes,words", [
    (MICROSOFT, {"tenant": None}, "tenant is missing"),
    (MICROSOFT, {"tenant": ""}, "tenant is missing"),
    (MICROSOFT, {"provider": "yahoo"}, "provider is not one of"),
    (MICROSOFT, {"subject": "x"}, "unknown setting subject"),
    (MICROSOFT, {"timeout": "0"}, "timeout"),
    (MICROSOFT, {"timeout": "26"}, "timeout"),
    (MICROSOFT, {"client_secret_file": None}, "client_secret_file"),
    (MICROSOFT, {"client_secret_file": "/no/such/file"}, "/no/such/file: No"),
    (MICROSOFT, {"certificate_file": "/dev/null"}, "set one of"),
    (MICROSOFT, {"authority": "http://127.0.0.1:1"}, ""),
    (GOOGLE, {"subject": None}, "subject is missing"),
    (GOOGLE, {"key_file": "/no/such/file"}, "/no/such/file: No"),
])
def test_settings_that_are_wrong_are_named(helper, service, provider, changes,
                                           words):
    done = helper.run(provider, **changes)
    assert done.returncode == 78, done
    assert words in done.stderr
    assert service.asked == []


@pytest.mark.parametrize("text", ["", "[token", "a = b\n", "[other]\na = b\n",
                                  "[token]\n[token]\n", "[token]\na\n",
                                  "[token]\na = 1\na = 2\n", "\udcff"])
def test_a_file_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / "token.conf"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    path.chmod(0o600)
    done = subprocess.run(["/usr/bin/python3", PROGRAM, "-c", path], text=True,
                          timeout=30, capture_output=True, check=False)
    assert done.returncode == 78, done
    assert done.stderr.count("\n") == 1 and str(path) in done.stderr


@pytest.mark.parametrize("text", ["", "a\nb\n", " \n", "\ufeffabc\n",
                                  "a\0b\n"])
def test_a_secret_is_one_line(helper, service, text):
    done = helper.run(MICROSOFT,
                      client_secret_file=helper.put("other", text))
    assert done.returncode == 78, done
    assert "not one line with a secret" in done.stderr
    assert service.asked == []


def test_a_key_that_is_none_is_refused(helper, service):
    for text in ("{}", "[]", "7", "no json", '{"private_key": "x"}'):
        done = helper.run(GOOGLE, key_file=helper.put("other", text))
        assert done.returncode == 78, done
    done = helper.run(MICROSOFT, client_secret_file=None,
                      certificate_file=helper.put("other", "no pem"))
    assert done.returncode == 78, done
    assert service.asked == []


@BOTH
def test_a_missing_library_is_named_by_its_package(helper, tmp_path, provider):
    name = {MICROSOFT: "msal", GOOGLE: "requests"}[provider]
    (tmp_path / "no").mkdir()
    (tmp_path / "no" / f"{name}.py").write_text(
        f"raise ImportError('none', name='{name}')\n")
    done = helper.run(provider, env={"PYTHONPATH": str(tmp_path / "no")})
    assert done.returncode == 69, done
    assert "python3-" in done.stderr
