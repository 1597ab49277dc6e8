"""Settings: read from the environment, refused in one line that names the variable, printed without secrets."""

import dataclasses
import threading
from pathlib import Path

import pytest

from config import Settings, SettingsError, markdown_table

PRODUCTION = {"BOOKT_ENV": "production", "SECRET_KEY": "k" * 40, "PUBLIC_URL": "https://bookt.example"}


def test_an_empty_environment_is_a_whole_development_set() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert (settings.engine, settings.production, settings.base_url) == ("sqlite", False, "http://127.0.0.1:8000")


def test_each_kind_of_value_is_read_and_blank_means_default() -> None:
    given = {"PORT": "9000", "SCHEDULER": "off", "BOOKT_DATA": " data ", "SMTP_HOST": "", "DEMO": "YES"}
    settings = Settings.from_environment(given)
    assert (settings.port, settings.scheduler, settings.bookt_data, settings.smtp_host) == (9000, False, "data", "")
    assert settings.demo is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"), ("PORT", "0"), ("PORT", "70000"), ("SCHEDULER", "maybe"), ("BOOKT_ENV", "prod"),
        ("DATABASE_URL", "mysql://u:s3cret@h/d"), ("DATABASE_OWNER_URL", "s3cret"), ("SMTP_SECURITY", "none"),
        ("LOG_LEVEL", "loud"), ("RATE_LIMIT_READ", "many"), ("RATE_LIMIT_WRITE", "-1/minute"),
        ("RATE_LIMIT_LOOKUP", "10"), ("PUBLIC_URL", "bookt.example"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} ") as refused:
        Settings.from_environment({name: value})
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("value", ["off", "OFF", "10/minute", "100 per hour", "5/2 seconds", "1/day"])
def test_the_rates_that_are_understood(value: str) -> None:
    from actions.limits import Rate

    settings = Settings.from_environment({"RATE_LIMIT_READ": value})
    assert (Rate.parse(settings.rate_limit_read) is None) == (value.lower() == "off")


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ({"SECRET_KEY"}, "needs SECRET_KEY"), ({"PUBLIC_URL"}, "needs PUBLIC_URL"),
        ({"SECRET_KEY", "PUBLIC_URL"}, "needs SECRET_KEY and PUBLIC_URL"),
    ],
)  # fmt: skip
def test_production_names_what_is_missing(without: set[str], said: str) -> None:
    with pytest.raises(SettingsError, match=f"{said}$"):
        Settings.from_environment({name: value for name, value in PRODUCTION.items() if name not in without})


def test_production_refuses_a_short_key_and_takes_a_long_one() -> None:
    with pytest.raises(SettingsError, match="32 characters"):
        Settings.from_environment(PRODUCTION | {"SECRET_KEY": "k" * 31})
    assert Settings.from_environment(PRODUCTION).production


def test_a_printed_set_shows_no_secret() -> None:
    secret = {f.name: "s3cret" for f in dataclasses.fields(Settings) if f.metadata["secret"]}
    assert len(secret) == 4
    shown = repr(Settings(**secret))  # type: ignore[arg-type]
    assert "s3cret" not in shown
    assert shown.count("***") == len(secret)


def test_the_key_is_made_once_even_when_many_ask(tmp_path: Path) -> None:
    settings = Settings(bookt_data=str(tmp_path / "var"))
    keys: list[str] = []
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        keys.append(settings.signing_key())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1
    assert len(keys) == 8
    assert len(keys[0]) >= 48
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret_key"]
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_every_setting_stands_in_the_table_and_no_secret_value_does() -> None:
    rows = markdown_table().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [f.name.upper() for f in dataclasses.fields(Settings)]
    assert all(row.count("|") == 4 for row in rows)
