"""The session of docs/api.md runs as it stands, line by line."""

import re
import shlex
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "api.md"


def test_the_session_of_the_guide(client: FlaskClient) -> None:
    said = {"$TOKEN": "", "$ID": "", "$ETAG": ""}
    statuses, answers = [], []
    for command in _commands(GUIDE.read_text().partition("## The staff's API")[2].partition("\n## ")[0]):
        answer = _run(client, command, said)
        statuses.append(answer.status_code)
        answers.append(answer.json)
        said["$TOKEN"] = answer.json.get("token", said["$TOKEN"])
        if "booking" in answer.json:
            said |= {"$ID": answer.json["booking"]["id"], "$ETAG": answer.headers["ETag"]}
    assert statuses == [201, 200, 201, 200, 201, 200, 200, 200, 200]
    _, me, service, week, booked, listed, moved, cancelled, summary = answers
    assert (me["business"]["name"], me["role"]) == ("Cabinet Léa", "owner")
    assert (service["service"]["id"], len(week["openingRules"])) == ("bilan-complet", 1)
    assert listed["bookings"] == [booked["booking"]]
    assert moved["booking"]["startDateTime"] == "2027-01-12T14:00:00+01:00"
    assert cancelled["booking"]["status"] == "cancelled"
    assert summary["today"] == []


def _commands(text: str) -> list[list[str]]:
    """Indented lines that begin with curl, with those that go on behind them."""
    joined = re.sub(r"\n {6}", " ", text)
    return [shlex.split(line) for line in joined.splitlines() if line.startswith("    curl ")]


def _run(client: FlaskClient, command: list[str], said: dict[str, str]) -> TestResponse:
    """What curl would send."""
    program, silent, address, *options = command
    assert (program, silent) == ("curl", "-s")
    host, _, path = _filled(address, said).partition("/")
    headers, body, method = {}, None, None
    for option, value in zip(options[::2], options[1::2], strict=True):
        assert option in ("-H", "-d", "-X")
        if option == "-H":
            name, _, text = _filled(value, said).partition(": ")
            headers[name] = text
        elif option == "-d":
            body = value
        else:
            method = value
    method = method or ("GET" if body is None else "POST")
    return client.open(f"/{path}", method=method, headers=headers, data=body, environ_overrides={"HTTP_HOST": host})


def _filled(text: str, said: dict[str, str]) -> str:
    for word, meant in said.items():
        text = text.replace(word, meant)
    return text
