# SPDX-License-Identifier: MIT
"""/metrics: what Prometheus reads of both programs."""

import os
import re
import shutil
import signal
import subprocess

import pytest
import requests
from requests.adapters import HTTPAdapter
from stack.keys import add_form_key
from stack.layout import TOP
from stack.visitor import new_key, unique_address, wait_until

LINE = re.compile(r'([a-z][a-z0-9_]*)(\{[^}]*\})? (-?[0-9]+(?:\.[0-9]+)?)')


def text_of(stack):
    answer = requests.get(stack.http_url + "/metrics", timeout=20)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == \
        "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    return answer.text


def read(stack):
    """{"name{labels}": number}, after a look at the form of each line."""
    values, kinds, family = {}, {}, ""
    for line in text_of(stack).splitlines():
        if line.startswith("# TYPE "):
            family, kind = line.split()[2:]
            assert family not in kinds, f"{family} twice"
            kinds[family] = kind
            assert (kind == "counter") == family.endswith("_total")
            continue
        if line.startswith("# HELP "):
            assert line.split(maxsplit=3)[3]
            continue
        name, labels, number = LINE.fullmatch(line).groups()
        assert re.sub("_(bucket|sum|count)$", "", name) == family \
            or name == family, line
        assert name + (labels or "") not in values, f"{line} twice"
        values[name + (labels or "")] = float(number)
    return values


def bookings(stack, result):
    return read(stack)[f'reservoir_bookings_total{{result="{result}"}}']


def test_bookings_are_counted_by_result(stack, visitor, tables):
    before = read(stack)
    place = tables.add_slot(1)
    form = visitor.form(place)
    assert visitor.post(form).status_code == 303
    assert visitor.post(form).status_code == 303
    assert visitor.post(form | {"name": "Other"}).status_code == 422
    assert visitor.post(form | {"key": new_key(), "email": unique_address()}
                        ).status_code == 409
    after = read(stack)

    def more(name):
        return after[name] - before[name]

    for result, count in (("booked", 1), ("replayed", 1), ("key_reused", 1),
                          ("full", 1), ("unavailable", 0)):
        assert more(f'reservoir_bookings_total{{result="{result}"}}') == count
    posts = "reservoir_http_post_duration_seconds"
    assert more(posts + "_count") == 4
    assert more(posts + '_bucket{le="+Inf"}') == 4
    assert more(posts + "_sum") > 0
    assert more('reservoir_http_responses_total{code="4xx"}') == 2


def test_filled_in_traps_are_counted(stack, tables):
    key = add_form_key(stack, ["https://site.example"])
    before = bookings(stack, "trapped")
    requests.post(f"{stack.http_url}/f/{key}", data={"_gotcha": "x"},
                  headers={"Origin": "https://site.example"}, timeout=20,
                  allow_redirects=False)
    assert bookings(stack, "trapped") == before + 1


def test_what_waits_is_seen_from_outbox_to_mail_server(whole, visitor, tables,
                                                       mailbox):
    sent = 'reservoir_queue_events_total{event="sent"}'
    wait_until(lambda: read(whole)["reservoir_outbox_open"] == 0, 30,
               "an outbox without open rows")
    before = read(whole).get(sent, 0)
    whole.stop("maild")
    form = visitor.form(tables.add_slot(1))
    assert visitor.post(form).status_code == 303
    now = read(whole)
    assert now["reservoir_outbox_open"] == 1
    assert now["reservoir_outbox_scheduled"] >= 1       # the reminder
    # A worker whose Redis was restarted finds that out now: the relay pushes.
    wait_until(lambda: read(whole)['reservoir_queue_jobs{place="intake"}'] == 1,
               30, "the mail in the queue")
    wait_until(lambda: read(whole)["reservoir_outbox_oldest_age_seconds"] > 0,
               10, "an age")
    assert now["reservoir_relay_lag_seconds"] >= 0
    whole.start("maild")
    mailbox.wait_for(form["email"])
    wait_until(lambda: read(whole)["reservoir_outbox_open"] == 0, 30,
               "the receipt")
    assert read(whole)[sent] == before + 1


def test_each_maild_says_how_it_is(whole, tables):
    def up():
        return [name for name, value in read(whole).items()
                if name.startswith("reservoir_maild_up{") and value == 1]

    wait_until(lambda: tables.open_rows() == 0, 60, "a quiet stack")
    # A breaker that an earlier test opened waits for a mail to close.
    whole.restart("maild")
    wait_until(up, 20, "a maild that says how it is")
    values = read(whole)
    workers = sum(value for name, value in values.items()
                  if name.startswith("reservoir_maild_workers{"))
    assert workers >= 1
    closed = [value for name, value in values.items()
              if name.startswith("reservoir_smtp_breaker_state{")
              and 'state="closed"' in name]
    assert closed == [1]
    assert any(name.startswith("reservoir_smtp_connections{")
               for name in values)
    assert any(name.startswith("reservoir_maild_alerts_total{")
               for name in values)


def test_attempts_and_steps_of_smtp_are_counted(whole, visitor, tables,
                                                mailbox):
    sent = 'reservoir_smtp_attempts_total{relay="local",outcome="sent"}'
    wait_until(lambda: tables.open_rows() == 0, 60, "a quiet stack")
    # A stop tells what was counted: nothing of earlier mails comes later.
    whole.restart("maild")
    wait_until(lambda: sent in read(whole), 20, "the counts of a maild")
    before = read(whole)
    form = visitor.form(tables.add_slot(1))
    assert visitor.post(form).status_code == 303
    mailbox.wait_for(form["email"])
    wait_until(lambda: tables.open_rows() == 0, 60, "the receipt")
    whole.stop("maild")
    after = read(whole)
    assert after[sent] == before[sent] + 1
    for stage in ("mail", "rcpt", "data", "body", "dot"):
        name = "reservoir_smtp_stage_duration_seconds"
        labels = f'relay="local",stage="{stage}"'
        for key in (f"{name}_count{{{labels}}}",
                    f'{name}_bucket{{{labels},le="+Inf"}}'):
            assert after[key] == before[key] + 1, key
        assert after[f"{name}_sum{{{labels}}}"] \
            > before[f"{name}_sum{{{labels}}}"]
        assert after[f"reservoir_smtp_stage_broken_total{{{labels}}}"] \
            == before[f"reservoir_smtp_stage_broken_total{{{labels}}}"]


def test_what_has_not_happened_is_0_not_missing(stack):
    """A series that begins with 1 has never increased."""
    values = read(stack)
    for event in ("admitted", "doubled", "malformed", "sent", "sent_twice",
                  "deferred", "released", "uncertain", "dead", "cancelled",
                  "buried", "requeued", "purged"):
        assert f'reservoir_queue_events_total{{event="{event}"}}' in values
    assert values['reservoir_queue_events_total{event="purged"}'] == 0


def test_an_open_breaker_is_seen(whole, visitor, tables):
    whole.stop("smtp")
    visitor.book(tables.add_slot(1))
    wait_until(lambda: any(
        value for name, value in read(whole).items()
        if name.startswith("reservoir_smtp_breaker_state{")
        and 'state="open"' in name), 60, "an open breaker")


def test_without_servers_the_rest_is_told(whole):
    whole.stop("redis")
    values = read(whole)
    assert values['reservoir_dependency_up{server="redis"}'] == 0
    assert values['reservoir_dependency_up{server="mysql"}'] == 1
    assert "reservoir_outbox_open" in values
    assert 'reservoir_queue_jobs{place="ready"}' not in values
    whole.start("redis")
    whole.stop("mariadb")
    values = read(whole)
    whole.start("mariadb")
    assert values['reservoir_dependency_up{server="mysql"}'] == 0
    assert "reservoir_outbox_open" not in values
    assert 'reservoir_bookings_total{result="booked"}' in values


def test_counts_outlive_workers_and_a_reload(whole, visitor, tables):
    visitor.book(tables.add_slot(1))
    before = bookings(whole, "booked")
    log = whole.at.log_file("booking")

    def reloads():
        with open(log, encoding="utf-8") as file:
            return sum(": reloaded" in line for line in file)

    times = reloads()
    os.kill(whole.pid("booking"), signal.SIGHUP)
    wait_until(lambda: reloads() > times, 20, "the reload")
    visitor.book(tables.add_slot(1))
    assert bookings(whole, "booked") == before + 1


class From(HTTPAdapter):
    def init_poolmanager(self, *args, **more):
        super().init_poolmanager(*args, source_address=("127.0.0.2", 0),
                                 **more)


def test_nobody_else_may_look(stack):
    session = requests.Session()
    session.mount("http://", From())
    assert session.get(stack.http_url + "/healthz",
                       timeout=20).status_code == 200
    answer = session.get(stack.http_url + "/metrics", timeout=20, headers={
        "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"})
    assert answer.status_code == 403
    for path in ("/metrics/", "/x/../metrics", "/%6detrics", "//metrics",
                 "/metrics?x"):
        answer = session.get(stack.http_url + path, timeout=20,
                             headers={"Reservoir-Metrics": "1",
                                      "RESERVOIR_METRICS": "1"})
        assert answer.status_code in (403, 404), path
        assert "reservoir_" not in answer.text


def test_each_figure_is_in_the_manual_and_in_the_answer(stack):
    with open(os.path.join(TOP, "doc", "metrics.md"),
              encoding="utf-8") as file:
        told = set(re.findall(r"^\| `(reservoir_\w+)`", file.read(), re.M))
    wait_until(lambda: "reservoir_smtp_paused" in text_of(stack), 20,
               "a maild that says how it is")
    assert told == set(re.findall(r"^# TYPE (\S+)", text_of(stack), re.M))
    with open(os.path.join(TOP, "doc", "prometheus", "alerts.yml"),
              encoding="utf-8") as file:
        used = set(re.findall(r"\b(reservoir_\w+)", file.read()))
    assert {name.removesuffix("_bucket") for name in used} <= told


def test_promtool_has_nothing_to_say(stack):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("there is no promtool (Debian's package prometheus)")
    done = subprocess.run([promtool, "check", "metrics"],
                          input=text_of(stack), text=True, timeout=30,
                          capture_output=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
