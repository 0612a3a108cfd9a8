# SPDX-License-Identifier: MIT
"""A new key for links: the old ones open for as long as one wants."""

import secrets

import pytest
from stack.visitor import Visitor, wait_until


@pytest.fixture
def keyed(whole, tmp_path):
    """Restarts booking.fcgi with these keys, by what files hold."""
    def use(**keys):
        for setting, key in keys.items():
            path = tmp_path / setting
            path.write_text(key + "\n")
            path.chmod(0o600)
            whole.overrides["booking"][setting] = str(path)
        for setting in ("server_key_file", "server_key_old_file"):
            if setting not in keys:
                whole.overrides["booking"].pop(setting, None)
        whole.restart("booking")
        return Visitor(whole.http_url)
    return use


def booked(visitor, tables):
    answer = visitor.post(visitor.form(tables.add_slot(2)))
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_links_made_with_the_key_before_still_open(keyed, tables):
    first, second = secrets.token_hex(32), secrets.token_hex(32)
    visitor = keyed(server_key_file=first)
    old = booked(visitor, tables)
    assert visitor.get(old).status_code == 200

    visitor = keyed(server_key_file=second, server_key_old_file=first)
    new = booked(visitor, tables)
    assert visitor.get(old).status_code == 200
    assert visitor.get(new).status_code == 200
    # Whoever has only the old key makes no link to what is new.
    visitor = keyed(server_key_file=first)
    assert visitor.get(new).status_code == 404

    visitor = keyed(server_key_file=second)
    assert visitor.get(old).status_code == 404
    assert visitor.get(new).status_code == 200


def test_a_short_old_key_is_refused(keyed, whole):
    from stack.procs import Trouble
    with pytest.raises(Trouble, match="shorter than"):
        keyed(server_key_file=secrets.token_hex(32),
              server_key_old_file="short")


def test_whom_to_tell_of_a_hole(whole):
    where = "/.well-known/security.txt"
    assert Visitor(whole.http_url).get(where).status_code == 404
    whole.overrides["booking"]["security_contact"] = "security@example.org"
    whole.restart("booking")
    answer = wait_until(lambda: Visitor(whole.http_url).get(where), 10, "it")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "Contact: mailto:security@example.org\n" in answer.text
    assert "Expires: 20" in answer.text
    assert f"Canonical: {whole.http_url}{where}\n" in answer.text
