# SPDX-License-Identifier: MIT
"""The shipped nginx site, as it is."""

import collections
import json
import os
import socket
import subprocess

import pytest
import requests
from stack import parts
from stack.confs import ORGANISER
from stack.layout import TOP
from stack.procs import read_text
from stack.visitor import Visitor, new_key, unique_address, wait_until


def test_every_answer_carries_the_security_headers(stack, visitor):
    for path in ("/", "/no-such-page", "/healthz"):
        headers = visitor.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert len(headers["X-Request-Id"]) == 32
        assert "Set-Cookie" not in headers


def test_posts_are_limited_as_shipped_and_pages_are_not(whole, tables):
    form = Visitor(whole.http_url).form(tables.add_slot(1000))
    whole.use_shipped_limits(True)
    try:
        visitor = Visitor(whole.http_url)
        answers = [visitor.post(form | {"key": new_key(),
                                        "email": unique_address()})
                   for _ in range(60)]
        refused = [one for one in answers if one.status_code == 429]
        assert collections.Counter(one.status_code for one in answers).keys() \
            == {303, 429}
        assert refused[0].headers["Retry-After"] == "10"
        assert refused[0].headers["Content-Type"].startswith("text/html")
        assert all(visitor.get("/").status_code == 200 for _ in range(60))
        answer = requests.post(whole.http_url + "/api/v1/bookings", json={},
                               timeout=20)
        if answer.status_code == 429:
            assert answer.headers["Content-Type"].startswith(
                "application/problem+json")
    finally:
        whole.use_shipped_limits(False)


@pytest.fixture
def network_of(tmp_path):
    """What the shipped site counts a client by, asked of an nginx."""
    with open(os.path.join(TOP, "nginx", "reservoir.conf"),
              encoding="utf-8") as file:
        text = file.read()
    start = text.index("map $remote_addr $reservoir_network {")
    rule = text[start:text.index("\n}", start) + 2]
    conf = tmp_path / "nginx.conf"
    conf.write_text(f"""
pid {tmp_path}/pid;
error_log {tmp_path}/log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {tmp_path}/a;
    fastcgi_temp_path {tmp_path}/b;
    proxy_temp_path {tmp_path}/c;
    scgi_temp_path {tmp_path}/d;
    uwsgi_temp_path {tmp_path}/e;
    {rule}
    server {{
        listen unix:{tmp_path}/s;
        set_real_ip_from unix:;
        real_ip_header X-Client;
        return 200 "$reservoir_network";
    }}
}}
""")
    child = subprocess.Popen(["/usr/sbin/nginx", "-c", str(conf), "-e",
                              f"{tmp_path}/log", "-g", "daemon off;"])

    def ask(client):
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(30)
            one.connect(f"{tmp_path}/s")
            one.sendall(f"GET / HTTP/1.0\r\nX-Client: {client}\r\n\r\n"
                        .encode())
            answer = b""
            while part := one.recv(4096):
                answer += part
        return answer.rpartition(b"\r\n\r\n")[2].decode()

    def listens():      # which is later than that its socket is there
        with socket.socket(socket.AF_UNIX) as one:
            return one.connect_ex(f"{tmp_path}/s") == 0

    wait_until(listens, 30, "nginx")
    yield ask
    child.terminate()
    child.wait(30)


def test_a_home_is_one_client(network_of):
    """As quota.c counts it: an IPv4 address, or the /64 of IPv6."""
    homes = [
        ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"],
        ["192.0.2.2"], ["::ffff:192.0.2.3"],
        ["2001:db8:1:1::1", "2001:db8:1:1:ffff:1:2:3", "2001:DB8:1:1::"],
        ["2001:db8:1:2::1"],
        ["2001:db8:1::1", "2001:db8:1:0:1:2:3:4", "2001:db8:1:0:0:2:3:4"],
        ["2001:db8::1", "2001:db8:0:0:1:2:3:4", "2001:db8::5:0:0:1"],
        ["2001:db8:0:1::1", "2001:db8:0:1:5:6:7:8"],
        ["::1"], ["fe80::1", "fe80::1:2:3:4"]]
    seen = [{network_of(one) for one in home} for home in homes]
    assert all(len(one) == 1 for one in seen), seen
    assert len(set.union(*seen)) == len(homes), seen


def test_a_program_that_is_down_answers_in_json_to_programs(whole):
    whole.stop("booking")
    answer = requests.post(whole.http_url + "/api/v1/bookings", json={},
                           timeout=20)
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith(
        "application/problem+json")
    assert answer.json()["status"] == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_the_proxy_header_does_not_reach_the_program(stack):
    answer = requests.get(stack.http_url + "/",
                          headers={"Proxy": "http://evil.example",
                                   "X-Request-Id": "forged"}, timeout=20)
    assert answer.status_code == 200
    assert answer.headers["X-Request-Id"] != "forged"


def test_static_files_are_served_for_an_hour(stack, visitor):
    sheets = [line.split('"')[0] for line in
              visitor.get("/").text.split('href="')[1:] if ".css" in line]
    sheets = [sheet for sheet in sheets if sheet.endswith(".css")]
    assert sheets
    answer = visitor.get(sheets[0])
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "max-age=3600" in answer.headers["Cache-Control"]


def test_the_log_shows_no_secret_addresses(stack, visitor, tables):
    place = visitor.book(tables.add_slot(1))
    secret = place.rpartition("/")[2]
    for path in (place, place + "/cancel?lang=fr", place + "/calendar.ics",
                 f"/api/v1/bookings/{secret}", f"/w/{secret}",
                 "/%62/" + secret):
        visitor.get(path)
    visitor.post({}, place + "/cancel")
    requests.post(f"{stack.http_url}/api/v1/bookings/{secret}/cancel",
                  timeout=20)
    for name in ("access", "booking", "maild"):
        with open(os.path.join(stack.at.log, name + ".log"), "rb") as file:
            assert secret.encode() not in file.read(), name
    with open(os.path.join(stack.at.log, "access.log"), "rb") as file:
        assert b"/b/-/cancel" in file.read()


def test_no_log_of_nginx_names_anybody(whole, visitor, tables):
    """Not when the program is down, nor of a form that was sent by GET."""
    place = visitor.book(tables.add_slot(1))
    secret = place.rpartition("/")[2]
    mark = f"q{os.urandom(6).hex()}"
    paths = [place, place + "/cancel?lang=fr", f"/api/v1/bookings/{secret}",
             f"/w/{secret}", f"/%62/{secret}", f"/feed/{secret}",
             f"/admin/search?q={mark}", f"/api/v1/admin/bookings?q={mark}"]

    def tell():
        session = requests.Session()
        session.auth = (ORGANISER, whole.at.make_secret("organiser"))
        for path in paths:
            session.get(whole.http_url + path, timeout=20)
        visitor.post({}, place + "/cancel")
        for form in (f"/bookings?name={mark}&slot=1", f"/f/KEY?email={mark}",
                     f"/?from=2025-12-03&x={mark}", f"/s/visite?{mark}",
                     f"/find?email={mark}", f"/bookings?lang=fr&name={mark}"):
            answer = visitor.get(form)
            assert answer.headers["Referrer-Policy"] in ("origin",
                                                         "no-referrer")
            yield answer

    assert {answer.status_code for answer in tell()} <= {200, 303, 400, 404}
    found = requests.get(whole.http_url + f"/admin/search?q={mark}", auth=(
        ORGANISER, whole.at.make_secret("organiser")), timeout=20)
    assert found.headers["Referrer-Policy"] == "origin"
    visitor.get("/?lang=fr&from=2025-12-03")
    whole.stop("booking")
    for answer in tell():
        assert answer.status_code == 503
        assert "One moment" in answer.text
    assert visitor.get("/?lang=de").status_code == 503
    logs = {}
    for name in ("access", "nginx"):
        with open(whole.at.log_file(name), encoding="utf-8") as file:
            logs[name] = file.read()
        assert secret not in logs[name] and mark not in logs[name], name
    assert "/?lang=fr&from=2025-12-03 " in logs["access"]
    # That it is down is told all the same.
    assert "/?lang=de" in logs["nginx"]
    assert "connect()" in logs["nginx"]


def test_the_site_is_checked_without_a_warning(stack):
    # With the open files that a login has, however many ours may be.
    done = subprocess.run(
        ["prlimit", "--nofile=1024:", parts.PROGRAMS["nginx"], "-t", "-c",
         os.path.join(stack.at.conf, "nginx.conf")],
        capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr, done.stderr


def raw_get(stack, request):
    with socket.create_connection(("127.0.0.1", stack.http_port), 10) as one:
        one.sendall(request)
        answer = b""
        while chunk := one.recv(65536):
            answer += chunk
    return answer.decode()


def test_what_nginx_cannot_read_gets_our_page(stack):
    answer = raw_get(stack, b"GET / HTTP/1.1\r\nHost: a b\r\n"
                     b"Connection: close\r\n\r\n")
    assert " 400 " in answer.splitlines()[0]
    assert "Request not understood" in answer
    answer = raw_get(stack, b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\n"
                     b"Host: x\r\nConnection: close\r\n\r\n")
    assert " 414 " in answer.splitlines()[0]
    assert "Address too long" in answer


def test_what_nginx_refuses_itself_gets_our_pages(visitor):
    """No name and password, no such file, a folder that is not listed."""
    for path, status, words in (("/admin", 401, "Signing in is needed"),
                                ("/static/none", 404, "Page not found"),
                                ("/static/", 403, "Not allowed")):
        answer = visitor.get(path)
        assert answer.status_code == status
        assert words in answer.text and "<center>" not in answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    # Browsers ask for the password, programs get JSON.
    answer = requests.get(visitor.url + "/admin", timeout=20,
                          headers={"Accept": "application/json"})
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert answer.json()["status"] == 401


def test_what_browsers_and_robots_ask_for_by_themselves(visitor):
    icon = visitor.get("/favicon.ico")
    assert icon.status_code == 200
    assert icon.content[:4] == b"\0\0\1\0"
    robots = visitor.get("/robots.txt")
    assert robots.status_code == 200
    assert robots.text.startswith("#") and "User-agent: *" in robots.text


def test_each_type_of_problem_is_a_page(visitor):
    for name in os.listdir(os.path.join(TOP, "nginx", "errors")):
        if name.endswith(".json"):
            with open(os.path.join(TOP, "nginx", "errors", name),
                      encoding="utf-8") as file:
                assert visitor.get(json.load(file)["type"]).status_code == 200
    assert visitor.get("/privacy").status_code == 200


def test_no_network_has_all_places_however_slowly_it_sends(whole):
    """Sockets that send a body by and by, by a method other than POST."""
    whole.use_shipped_limits(True)
    held = []
    try:
        for _ in range(60):
            one = socket.create_connection(("127.0.0.1", whole.http_port), 10)
            one.sendall(b"PUT /bookings HTTP/1.1\r\nHost: x\r\n"
                        b"Content-Length: 1000\r\n\r\nx")
            held.append(one)
        def refused():
            count = 0
            for one in held:
                one.setblocking(False)
                try:
                    count += one.recv(12, socket.MSG_PEEK)[9:12] in (b"503",
                                                                     b"429")
                except BlockingIOError:
                    pass
            return count
        wait_until(lambda: refused() >= 20, 10, "refusals")
    finally:
        for one in held:
            one.close()
        whole.use_shipped_limits(False)


def test_a_password_is_not_guessed_by_get(whole):
    whole.use_shipped_limits(True)
    try:
        said = collections.Counter(requests.get(
            whole.http_url + "/admin/", auth=(ORGANISER, f"wrong{i}"),
            timeout=20).status_code for i in range(120))
        assert said[429] >= 40 and said.keys() == {401, 429}, said
    finally:
        whole.use_shipped_limits(False)


def test_other_methods_are_limited_as_posts_are(whole):
    whole.use_shipped_limits(True)
    try:
        said = collections.Counter(requests.request(
            method, whole.http_url + "/b/AAAA", timeout=20).status_code
            for method in ("PUT", "DELETE", "PATCH") for _ in range(20))
        assert said[429] >= 20, said
    finally:
        whole.use_shipped_limits(False)


TOKEN = "RK7F3M2Q.Abcdefghijk_mnopqrst-v"
KEY = "A" * 20 + "_-" + "b" * 21


@pytest.mark.parametrize("path", [
    "/b//TOKEN", "/b/./TOKEN", "/b;x/TOKEN", "/x/TOKEN", "/?done=TOKEN",
    "/?month=TOKEN", "/b/x/TOKEN", "/bb/TOKEN", "/TOKEN", "/w//TOKEN/leave",
    "/b/TOKEN/x/TOKEN", "/feed//KEY.ics", "/x?day=KEY", "/feed/x/KEY",
    "/b/TOKEN", "/b/TOKEN/cancel", "/feed/KEY.ics", "/api/v1/bookings/TOKEN"])
def test_a_link_is_in_no_log_wherever_it_stands(stack, path):
    mark = new_key()
    target = path.replace("TOKEN", TOKEN).replace("KEY", KEY)
    # As it is written: a library would tidy it up.
    with socket.create_connection(("127.0.0.1", stack.http_port), 10) as one:
        one.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n"
                    f"User-Agent: {mark}\r\nConnection: close\r\n\r\n"
                    .encode())
        while one.recv(4096):
            pass
    line = wait_until(lambda: [
        one for one in read_text(stack.at.log_file("access")).splitlines()
        if mark in one and "GET" in one], 10, "the line")[0]
    assert TOKEN not in line and TOKEN[9:] not in line and KEY not in line
    for name in ("nginx", "booking"):
        text = read_text(stack.at.log_file(name))
        assert TOKEN not in text and KEY not in text


def test_metrics_are_not_for_a_proxys_clients(stack):
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        answer = requests.get(stack.http_url + "/metrics", timeout=20,
                              headers={header: "198.51.100.1"})
        assert answer.status_code == 403
    assert requests.get(stack.http_url + "/metrics",
                        timeout=20).status_code == 200
