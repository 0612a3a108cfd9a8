# SPDX-License-Identifier: MIT
"""A server goes away in the middle of each thing that people do."""

import os
import pathlib
import re

import pytest
import requests
from stack.flows import Flows
from stack.keys import add_api_key
from stack.visitor import Page, wait_until

PROBLEM = "application/problem+json"


@pytest.fixture
def flows(whole, tables, mailbox):
    return Flows(whole, tables, mailbox)


def assert_all_done(found):
    """Each flow's step is answered as on any day."""
    said = {flow.name: flow.do().status_code for flow in found}
    assert said == {flow.name: said[flow.name] for flow in found
                    if said[flow.name] in flow.good}


def assert_mailed(flows, found):
    """Each mail that a step causes comes, once."""
    waiting = [flow for flow in found if flow.kind]

    def late():
        return [flow.name for flow in waiting if
                flows.sent(flow.address, flow.kind) <= flow.before]

    wait_until(lambda: not late(), 90, "all mails", 0.2)
    assert {flow.name: flows.sent(flow.address, flow.kind) for flow in waiting
            } == {flow.name: flow.before + 1 for flow in waiting}


def assert_says_later(flow, answer):
    """503 in the reader's language; nothing typed is lost."""
    assert answer.status_code == 503, flow.name
    assert int(answer.headers["Retry-After"]) > 0, flow.name
    if flow.name.startswith("API"):
        assert answer.headers["Content-Type"] == PROBLEM, flow.name
        assert answer.json()["type"].startswith("/problems/"), flow.name
        return
    assert '<html lang="fr"' in answer.text, flow.name
    page = Page(answer.text)
    shown = [page.text, *page.fields.values()]
    for text in flow.typed:
        assert any(text in one for one in shown), (flow.name, text)


def test_redis_away_in_the_middle_of_each_flow(whole, flows):
    found = flows.all()
    whole.kill("redis")
    assert_all_done(found)
    whole.start("redis")
    assert_mailed(flows, found)


def test_mail_server_away_in_the_middle_of_each_flow(whole, flows):
    found = flows.all()
    whole.stop("smtp")
    assert_all_done(found)
    whole.start("smtp")
    assert_mailed(flows, found)


def test_database_restarted_in_the_middle_of_each_flow(whole, flows):
    found = flows.all()
    whole.stop("mariadb")
    whole.start("mariadb")
    assert_all_done(found)
    assert_mailed(flows, found)


def test_database_away_in_the_middle_of_each_flow(whole, flows, tables):
    found = flows.all()
    wait_until(lambda: tables.open_rows() == 0, 60, "a quiet stack")
    whole.stop("mariadb")
    for flow in found:
        assert_says_later(flow, flow.do())
    whole.start("mariadb")
    for flow in found:
        wait_until(lambda one=flow: one.do().status_code in one.good, 20,
                   f"{flow.name}, once the database is back", 0.2)
    assert_mailed(flows, found)


def test_the_cores_say_how_many_workers_there_are(whole):
    log = pathlib.Path(whole.at.log, "booking.log")
    cores = sorted(os.sched_getaffinity(0))
    try:
        for count in (1, len(cores)):
            whole.stop("booking")
            whole.before["booking"] = ["taskset", "-c", ",".join(
                map(str, cores[:count]))]
            whole.start("booking")
            said = re.findall(r"serving on=\S+ workers=(\d+)",
                              log.read_text(encoding="utf-8"))
            assert int(said[-1]) == min(254, max(4, 3 * count))
    finally:
        del whole.before["booking"]
        whole.stop("booking")
        whole.start("booking")


def test_one_worker_serves_everybody(whole, flows):
    """Whatever it is asked for in one life, it stays alive."""
    whole.overrides["booking"]["workers"] = "1"
    whole.stop("booking")
    whole.start("booking")
    log = pathlib.Path(whole.at.log, "booking.log")
    before = log.read_text(encoding="utf-8").count("lost worker")
    key = add_api_key(whole, "one-worker")
    for _ in range(2):
        for flow in flows.all():
            assert flow.do().status_code in flow.good, flow.name
        for page in ("", "/services", "/mails", "/log", "/export", "/feeds"):
            flows.organiser.page("/admin" + page)
        for path in ("services", "bookings", "bookings?text=zo", "outbox",
                     "stats"):
            answer = requests.get(f"{whole.http_url}/api/v1/admin/{path}",
                                  headers=key, timeout=20)
            assert answer.status_code == 200, path
    after = log.read_text(encoding="utf-8").count("lost worker")
    assert after == before
