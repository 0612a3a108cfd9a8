# SPDX-License-Identifier: MIT
"""The runbook's symptoms of a booking's mail, staged on the whole stack."""

import os

from runbook_scene import scene, seconds, stages         # noqa: F401
from stack.procs import alive
from stack.visitor import wait_until

LIMIT_S = 30


def book(scene, tables):
    """Books; returns the reference and the address."""
    form = scene.visitor.form(tables.add_slot(10))
    assert scene.visitor.post(form).status_code == 303
    return tables.value("SELECT ref FROM booking WHERE email = %s",
                        form["email"]), form["email"]


@stages("Somebody got no mail")
def test_no_mail_came(scene, tables, mailbox):
    ref, address = book(scene, tables)
    mailbox.wait_for(address)
    job = f"{ref}.confirm.0"
    scene.sees(REF=ref, ID=job)
    assert job in scene.admin.type(f"bookctl trace {ref}")
    # The catcher calls a mail by its file's name.
    (name,) = mailbox.mails_to(address)
    assert name in scene.admin.type(f"maildctl show {job}")
    scene.acts()
    wait_until(lambda: len(mailbox.mails_to(address)) == 2, LIMIT_S,
               "the same once more")


@stages("The mail server is away")
def test_the_mail_server_is_away(scene, tables, mailbox):
    scene.stack.stop("smtp")
    _, address = book(scene, tables)
    scene.sees()
    assert "connect" in scene.admin.try_to(
        "maild --test-mail you@example.org")[1]
    said = scene.acts()
    assert "EHLO" in said and "250 2.0.0 queued as" in said
    mailbox.wait_for(address)


@stages("A booking's mail was given up by the relay")
def test_a_mail_that_expired(scene, tables, mailbox):
    scene.admin.type("service maild stop")
    ref, address = book(scene, tables)
    # A week passes.
    tables.rows("UPDATE notification SET created_at = created_at"
                " - INTERVAL 7 DAY, due_at = NOW(3)"
                " WHERE envelope_id = %s", f"{ref}.confirm.0")
    scene.sees()
    assert f"gave up job={ref}.confirm.0" in scene.log("booking")
    scene.admin.type("redis-cli del {maild}:intake")    # it was lost, too
    scene.admin.type("service maild start")
    scene.acts(REF=ref)
    mailbox.wait_for(address)


@stages("Both programs run, and no booking's mail is sent")
def test_two_queues(scene, tables, mailbox):
    # Of the default user, that is: another one has no keys beside its queue.
    for line in ("redis_user =", "redis_password_file ="):
        scene.edit("maild", line, action="")
    scene.edit("maild", "queue_prefix = {other}:")
    _, address = book(scene, tables)
    scene.sees()
    assert "{maild}:intake" in scene.admin.type(
        'redis-cli --scan --pattern "*intake"')
    assert scene.admin.type("maildctl status").startswith("{other}: on ")
    assert not mailbox.mails_to(address)
    said = scene.acts("maild", PREFIX="{maild}:")
    assert "queue_prefix = {other}:" in said
    assert "queue_prefix = {maild}:" in said
    mailbox.wait_for(address)


@stages("Another program listens on the socket")
def test_the_socket_is_taken(scene):
    first = scene.stack.pid("booking")
    os.unlink(scene.stack.at.pid_file("booking"))
    scene.sees(lambda: scene.admin.try_to("service reservoir-booking start")[1])
    said = scene.acts(PID=first)
    assert f"pid={first}," in said
    wait_until(lambda: not alive(first), 20, "its end")
    assert scene.page().startswith("200")
