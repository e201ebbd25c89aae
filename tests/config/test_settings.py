"""Settings: each one that is malformed is one clear sentence that says what was wanted, what came and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import PACKAGED_CONFIG, Settings, SettingsError


def test_nothing_set_gives_one_machine_under_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.read({})
    assert settings.state == tmp_path / ".hotline"
    assert settings.database_url == f"sqlite:///{tmp_path}/.hotline/hotline.sqlite3"
    assert settings.redis_url is None
    assert (settings.intake_port, settings.console_port) == (8000, 8001)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.config == PACKAGED_CONFIG


@pytest.mark.parametrize("variable", ["HOTLINE_STATE", "HOTLINE_DATABASE_URL", "HOTLINE_REDIS_URL", "HOTLINE_CONFIG"])
def test_an_empty_variable_is_like_none(variable: str) -> None:
    assert Settings.read({variable: ""}) == Settings.read({})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_either_spelling_of_postgresql_is_taken(scheme: str) -> None:
    settings = Settings.read({"HOTLINE_DATABASE_URL": f"{scheme}://h/x"})
    assert settings.database_url == "postgresql+psycopg://h/x"


@pytest.mark.parametrize("address", ["https://hotline.example", "https://hotline.example/", "https://[::1]:8443"])
def test_the_public_address_is_kept_without_a_slash_at_its_end(address: str) -> None:
    assert Settings.read({"HOTLINE_PUBLIC_URL": address}).public_url == address.rstrip("/")


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("HOTLINE_INTAKE_PORT", "x", "a port number from 1 to 65535, but is 'x'"),
        ("HOTLINE_INTAKE_PORT", "0", "a port number from 1 to 65535, but is '0'"),
        ("HOTLINE_INTAKE_PORT", "65536", "a port number from 1 to 65535"),
        ("HOTLINE_INTAKE_PORT", "８０", "a port number from 1 to 65535"),
        ("HOTLINE_INTAKE_PORT", "-1", "a port number from 1 to 65535"),
        ("HOTLINE_CONSOLE_PORT", "8001\n", "a port number from 1 to 65535"),
        ("HOTLINE_PUBLIC_URL", "hotline.example", "the address providers call"),
        ("HOTLINE_PUBLIC_URL", "ftp://hotline.example", "the address providers call"),
        ("HOTLINE_PUBLIC_URL", "https://", "the address providers call"),
        ("HOTLINE_PUBLIC_URL", "https://hotline.example?x=1", "the address providers call"),
        ("HOTLINE_PUBLIC_URL", "https://hotline.example#x", "the address providers call"),
        ("HOTLINE_PUBLIC_URL", "https://[::1", "the address providers call"),
        ("HOTLINE_PUBLIC_URL", "https://hotline.example:99999", "the address providers call"),
        ("HOTLINE_PUBLIC_URL", "https://hotline.example:x", "the address providers call"),
        ("HOTLINE_DATABASE_URL", "mysql://h/x", "begin with sqlite:/// or postgresql://, but begins with 'mysql'"),
        ("HOTLINE_DATABASE_URL", "/var/lib/x", "begin with sqlite:/// or postgresql://"),
        ("HOTLINE_DATABASE_URL", "sqlite://", "begin with sqlite:/// or postgresql://"),
        ("HOTLINE_DATABASE_URL", "sqlite:///", "name a file"),
        ("HOTLINE_DATABASE_URL", "sqlite:///:memory:", "name a file"),
        ("HOTLINE_DATABASE_URL", "postgresql://h:port/x", "a port"),
        ("HOTLINE_REDIS_URL", "localhost:6379", "begin with redis://, rediss:// or unix://"),
        ("HOTLINE_REDIS_URL", "http://localhost", "begin with redis://, rediss:// or unix://"),
        ("HOTLINE_CONFIG", "/nowhere", "the folder with the rulebook, but /nowhere is not a folder"),
    ],
)
def test_a_malformed_setting_is_one_clear_sentence(variable: str, value: str, wanted: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.read({variable: value})
    said = str(refused.value)
    assert said.startswith(f"{variable} should")
    assert wanted in said
    assert said.endswith(".")
    assert "\n" not in said


def test_a_password_in_an_address_is_not_repeated() -> None:
    for variable in ("HOTLINE_DATABASE_URL", "HOTLINE_REDIS_URL"):
        with pytest.raises(SettingsError) as refused:
            Settings.read({variable: "mysql://user:geheim@h:x/y"})
        assert "geheim" not in str(refused.value)
    with pytest.raises(SettingsError) as refused:
        Settings.read({"HOTLINE_DATABASE_URL": "postgresql://user:geheim@h:x/y"})
    assert "geheim" not in str(refused.value)


def test_the_sentence_model_is_used_unless_it_is_switched_off() -> None:
    assert Settings.read({}).sentence_model
    assert not Settings.read({"HOTLINE_SENTENCE_MODEL": "off"}).sentence_model


def test_a_switch_that_is_neither_on_nor_off_is_named() -> None:
    with pytest.raises(SettingsError, match="HOTLINE_SENTENCE_MODEL should be on or off, but is 'maybe'"):
        Settings.read({"HOTLINE_SENTENCE_MODEL": "maybe"})


def test_our_own_proxies_are_addresses_or_networks() -> None:
    settings = Settings.read({"HOTLINE_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/24,::1"})
    assert [str(one) for one in settings.trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/24", "::1/128"]
    with pytest.raises(SettingsError, match="HOTLINE_TRUSTED_PROXIES should be"):
        Settings.read({"HOTLINE_TRUSTED_PROXIES": "everybody"})
