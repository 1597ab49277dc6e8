"""In a real browser and with the real curl: data in the page is no script, and what the Markdown says to type works."""

import re
import shlex
import shutil
import subprocess

import pytest
from flask.testing import FlaskClient

from tests.browser.conftest import Open
from tests.cast import make_business

pytestmark = pytest.mark.browser


def test_structured_data_stands_in_the_page_and_runs_nowhere(visit: Open) -> None:
    """Under the strict content policy without a word of complaint (`visit` fails the test on one)."""
    cast = make_business(name="</script><script>window.ran = 1</script>", lead="<!-- <script>")
    page = visit(f"/{cast.slug}")
    data = page.locator('script[type="application/ld+json"]')
    node = data.evaluate("each => JSON.parse(each.textContent)")
    assert node["name"] == cast.business.name
    assert page.evaluate("window.ran") is None
    assert page.locator("script").count() == 1


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_the_commands_of_the_twin_are_what_curl_understands(client: FlaskClient, address: str) -> None:
    cast = make_business()
    text = client.get(f"/{cast.slug}.md").text.replace("http://127.0.0.1:8000", address)
    text = text.replace("NOM", "Zoé Lambert").replace("E-MAIL", "zoe@example.be").replace("UUID", "k1")
    ask, book = (shlex.split(line) for line in text.splitlines() if line.startswith("    curl "))
    for command, wanted in ((ask, '"available":true'), (book, '"publicCode":"AC-')):
        told = subprocess.run([*command, "-s", "-f", "-m", "20"], capture_output=True, text=True, check=True).stdout
        assert wanted in told
    assert re.search(r'"email":"zoe@example.be"', told)
