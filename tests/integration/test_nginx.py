# SPDX-License-Identifier: MIT
"""The shipped nginx site, as it is."""

import collections

import requests
from stack.visitor import Visitor, new_key, unique_address


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
