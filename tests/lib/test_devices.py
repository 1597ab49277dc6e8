import pytest

from lib import devices

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0": "Edge Windows",
    "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0": "Firefox Linux",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1": "Safari iPhone",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/130.0 Mobile Safari/604.1": "Chrome iPhone",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/130.0 Mobile Safari/537.36": "Chrome Android",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15": "Safari Mac",
    "curl/8.5.0": "curl",
    "": "",
    "Mozilla/5.0": "",
    "<script>alert(1)</script>": "",
}


@pytest.mark.parametrize(("agent", "said"), AGENTS.items())
def test_a_browser_in_two_words(agent: str, said: str) -> None:
    assert f"{devices.browser(agent)} {devices.system(agent)}".strip() == said
