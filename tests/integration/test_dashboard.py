# SPDX-License-Identifier: MIT
"""Alert rules and the dashboard, held to what /metrics really says."""

import json
import os
import re
import shutil
import subprocess

import pytest
import requests
from stack.layout import TOP
from stack.visitor import wait_until

RULES = os.path.join(TOP, "doc", "prometheus", "alerts.yml")
RULES_TEST = os.path.join(TOP, "tests", "integration", "alerts_test.yml")
DASHBOARD = os.path.join(TOP, "doc", "grafana", "reservoir.json")
# What Grafana puts in place of its variables.
VARIABLES = {"$__rate_interval": "4m", "$job": "reservoir", "$relay": ".*"}


@pytest.fixture(name="promtool", scope="module")
def _promtool():
    path = shutil.which("promtool")
    if path is None:
        pytest.skip("there is no promtool (Debian's package prometheus)")

    def run(*words):
        done = subprocess.run([path, *words], text=True, timeout=120,
                              capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return run


@pytest.fixture(name="dashboard", scope="module")
def _dashboard():
    with open(DASHBOARD, encoding="utf-8") as file:
        return json.load(file)


@pytest.fixture(name="scrape")
def _scrape(stack, visitor, tables, mailbox):
    """The lines of /metrics after a booking whose mail has come."""
    form = visitor.form(tables.add_slot(1))
    assert visitor.post(form).status_code == 303
    mailbox.wait_for(form["email"])

    def text():
        return requests.get(stack.http_url + "/metrics", timeout=20).text

    wait_until(lambda: "reservoir_smtp_attempts_total" in text()
               and "reservoir_smtp_paused" in text(), 20, "both programs")
    return text().splitlines()


def expressions(dashboard):
    """(panel's title, expression, without Grafana's variables)."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            text = target["expr"]
            for name, value in VARIABLES.items():
                text = text.replace(name, value)
            assert "$" not in text, text
            yield panel["title"], text


def input_series(lines):
    """What a Prometheus would have of it, counters growing."""
    kinds = dict(line.split()[2:] for line in lines
                 if line.startswith("# TYPE "))
    for line in lines:
        if line.startswith("#"):
            continue
        name, labels, value = re.fullmatch(
            r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
        family = re.sub("_(bucket|sum|count)$", "", name)
        grows = kinds.get(name, kinds.get(family)) != "gauge"
        labels = (labels + "," if labels else "") \
            + 'job="reservoir",instance="a:80"'
        yield {"series": f"{name}{{{labels}}}",
               "values": f"{value}+{1 if grows else 0}x30"}


def test_each_alert_is_raised_when_it_should(promtool):
    promtool("check", "rules", RULES)
    promtool("test", "rules", RULES_TEST)
    with open(RULES, encoding="utf-8") as file:
        alerts = set(re.findall(r"- alert: (\w+)", file.read()))
    with open(RULES_TEST, encoding="utf-8") as file:
        checks = re.findall(r"alertname: (\w+)(, exp_alerts)?", file.read())
    assert {name for name, raised in checks if raised} == alerts
    assert {name for name, raised in checks if not raised} >= alerts


def test_the_dashboard_is_one_for_any_grafana(dashboard):
    assert dashboard["schemaVersion"] >= 39 and dashboard["uid"]
    variables = {one["name"]: one for one in dashboard["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and max(cells)[0] < 24, panel["title"]
        taken |= cells
        if panel["type"] == "row":
            continue
        for one in [panel, *panel["targets"]]:
            assert one["datasource"]["uid"] == "${datasource}", panel["title"]
    rows = [panel["title"] for panel in panels if panel["type"] == "row"]
    assert rows == ["Now", "Bookings", "Outbox", "Queue",
                    "Delivery, step by step", "Mail servers", "maild"]


def test_each_figure_is_drawn_from_what_is_there(scrape, dashboard, promtool,
                                                 tmp_path):
    told = {re.match(r"\w+", line)[0] for line in scrape
            if not line.startswith("#")}
    used = {name for _, text in expressions(dashboard)
            for name in re.findall(r"\breservoir_\w+", text)}
    assert used <= told
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in told}
    drawn = {re.sub("_(bucket|sum|count)$", "", name) for name in used}
    # Names the version: the dashboard finds its job by it.
    assert families - drawn == {"reservoir_build_info", "reservoir_fence"}
    rules = {"groups": [{"name": "drawn", "rules": [
        {"record": f"drawn:{n}", "expr": text}
        for n, (_, text) in enumerate(expressions(dashboard))]}]}
    path = tmp_path / "drawn.json"
    path.write_text(json.dumps(rules))
    promtool("check", "rules", str(path))
    checks = [{"expr": f"count({text}) > bool 0", "eval_time": "20m",
               "exp_samples": [{"labels": "{}", "value": 1}]}
              for _, text in expressions(dashboard)]
    path = tmp_path / "drawn_test.json"
    path.write_text(json.dumps({
        "rule_files": [], "evaluation_interval": "1m", "tests": [{
            "interval": "1m", "input_series": list(input_series(scrape)),
            "promql_expr_test": checks}]}))
    promtool("test", "rules", str(path))
