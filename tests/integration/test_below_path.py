# SPDX-License-Identifier: MIT
"""The whole site below a path, behind proxies that keep it or take it away."""

import os
import random
import re
import signal
import subprocess

import pytest
from stack.layout import free_port, write_text
from stack.organiser import Organiser
from stack.parts import answers
from stack.procs import read_text, stop, wait_until
from stack.visitor import Page, Visitor, unique_address

LIMIT_S = 30
FRONTS = {"keeps": "", "takes away": "/"}
FRONT = """\
pid {dir}/pid;
error_log {dir}/log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {dir}/a;
    fastcgi_temp_path {dir}/b;
    proxy_temp_path {dir}/c;
    scgi_temp_path {dir}/d;
    uwsgi_temp_path {dir}/e;
    server {{
        listen 127.0.0.1:{port};
        location /rdv/ {{
            proxy_pass {site}{end};
        }}
    }}
}}
"""


def reload(whole):
    """Until the last worker with the old settings has ended."""
    pid = whole.pid("nginx")

    def workers():
        return set(read_text(f"/proc/{pid}/task/{pid}/children").split())

    old = workers()
    os.kill(pid, signal.SIGHUP)
    wait_until(lambda: workers() and not old & workers(), LIMIT_S,
               "workers with the new settings")


@pytest.fixture(params=["no proxy", *FRONTS])
def url(request, whole, tmp_path):
    """Where the site now is."""
    port, child = whole.http_port, None
    if request.param in FRONTS:
        port = free_port()
        conf = str(tmp_path / "nginx.conf")
        write_text(conf, FRONT.format(
            dir=tmp_path, port=port, site=whole.http_url,
            end=FRONTS[request.param]))
        child = subprocess.Popen(["/usr/sbin/nginx", "-c", conf, "-e",
                                  f"{tmp_path}/log", "-g", "daemon off;"])
        wait_until(lambda: answers(("127.0.0.1", port)), LIMIT_S, "nginx")
    base = f"http://127.0.0.1:{port}"
    site = os.path.join(whole.at.conf, "reservoir.conf")
    shipped = read_text(site)
    below = shipped.replace('set $reservoir_prefix "";', "")
    for line in ("set $reservoir_prefix /rdv;", "rewrite ^/rdv(/.*)$ $1;"):
        assert "# " + line in below
        below = below.replace("# " + line, line)
    write_text(site, below)
    whole.overrides["booking"]["base_url"] = base + "/rdv"
    whole.stop("booking")
    whole.start("booking")
    reload(whole)
    yield base
    if child:
        stop(child.pid, 10)
        child.wait(10)
    write_text(site, shipped)
    reload(whole)


def follow(visitor, page, pattern):
    return visitor.page(next(link for link in page.links
                             if re.search(pattern, link)))


def test_everything_is_below_the_path(whole, url):
    visitor = Visitor(url, "en")
    page = visitor.page("/rdv/")
    styles = re.findall(r'rel="stylesheet" href="([^"]+)"',
                        visitor.get("/rdv/").text)
    assert styles and all(one.startswith("/rdv/") for one in styles)
    for style in styles:
        answer = visitor.get(style)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/css")
    # Booked by the links and forms of the pages alone.
    times = follow(visitor, page, r"^/rdv/s/[\w-]+")
    form = follow(visitor, times, r"^/rdv/s/[\w-]+/\d+(?:\?|$)")
    answer = visitor.post(form.fields | {"name": "Zoé",
                                         "email": unique_address()},
                          form.actions[0])
    assert answer.status_code == 303, Page(answer.text).text
    place = answer.headers["Location"].removeprefix(url)
    assert place.startswith("/rdv/b/")
    answer = visitor.get(place)
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    links = [link for link in Page(answer.text).links
             if not re.match("#|mailto:|https?:", link)]
    assert links and all(link.startswith("/rdv/") for link in links), links


def test_organisers_sign_in_below_the_path(whole, url):
    anna = Organiser(whole)
    anna.url = anna.session.headers["Origin"] = url
    page = anna.page("/rdv/admin/")
    assert all(link.startswith(("/rdv/", "#")) for link in page.links)
    answer = anna.get(next(link for link in page.links
                           if link.endswith("/admin/services")))
    assert answer.status_code == 200
    # Else browsers send "Origin: null" from there.
    assert anna.get("/rdv/admin/b/RK7F3M2Q").headers[
        "Referrer-Policy"] == "same-origin"
    anna.session.auth = None
    assert anna.get("/rdv/admin/").status_code == 401


def test_no_log_names_a_booking_and_errors_look_well(whole, url):
    visitor = Visitor(url, "en")
    # Others name one in addresses that hide nothing: it is ours alone.
    reference = "".join(random.choices("ACDEFGHJKMNPQRTVWXY", k=8))
    secret = reference + "." + "x" * 22
    logs = [whole.at.log_file(name) for name in ("nginx", "access")]
    visitor.get(f"/rdv/b/{secret}")
    whole.stop("booking")
    answer = visitor.get(f"/rdv/b/{secret}")
    assert answer.status_code == 503
    assert 'href="/rdv/static/reservoir.css"' in answer.text
    assert "reservoir_prefix" not in answer.text
    assert not [log for log in logs if secret[:8] in read_text(log)]
