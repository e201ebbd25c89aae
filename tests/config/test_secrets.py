"""Secrets: from a variable or a file, and one clear sentence, without the secret, for each that is not as wanted."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config.secrets import DoorSecrets, read_door_secrets, write_secret
from config.settings import SettingsError

GIVEN = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "TWILIO_NUMBERS": "+15005550006,+15005550007,12110",
    "HOTLINE_API_KEY": "k" * 40,
}
FILES = {
    "TWILIO_ACCOUNT_SID": "twilio-account-sid",
    "TWILIO_AUTH_TOKEN": "twilio-auth-token",
    "TWILIO_NUMBERS": "twilio-numbers",
    "HOTLINE_API_KEY": "api-key",
}
READ = DoorSecrets(
    account_sid="AC" + "1" * 32,
    auth_token="t" * 32,
    numbers=("+15005550006", "+15005550007", "12110"),
    api_key="k" * 40,
)


def test_secrets_are_read_from_variables_or_files_and_the_variable_goes_first(tmp_path: Path) -> None:
    assert read_door_secrets(GIVEN, tmp_path) == READ
    for variable, name in FILES.items():
        (tmp_path / name).write_text(GIVEN[variable] + "\n")
    assert read_door_secrets({}, tmp_path) == READ
    assert read_door_secrets({"HOTLINE_API_KEY": "x" * 32}, tmp_path).api_key == "x" * 32


@pytest.mark.parametrize("variable", list(GIVEN))
def test_a_missing_secret_says_what_is_wanted_and_where(tmp_path: Path, variable: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_door_secrets({name: value for name, value in GIVEN.items() if name != variable}, tmp_path)
    said = str(refused.value)
    assert said.startswith(f"{variable} (or the file {tmp_path / FILES[variable]}) should be ")
    assert "but nothing was given. `hotline up` invents one for trying things out." in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TWILIO_ACCOUNT_SID", "AC123"),
        ("TWILIO_ACCOUNT_SID", "SK" + "1" * 32),
        ("TWILIO_ACCOUNT_SID", "AC" + "１" * 32),
        ("TWILIO_AUTH_TOKEN", "t" * 31),
        ("TWILIO_AUTH_TOKEN", "t" * 33),
        ("TWILIO_AUTH_TOKEN", "-" * 32),
        ("TWILIO_NUMBERS", "+1500555000x"),
        ("TWILIO_NUMBERS", "+15005550006;+15005550007"),
        ("TWILIO_NUMBERS", ","),
        ("HOTLINE_API_KEY", "k" * 31),
        ("HOTLINE_API_KEY", "k" * 129),
        ("HOTLINE_API_KEY", "密" * 40),
    ],
)
def test_a_malformed_secret_is_told_without_being_shown(tmp_path: Path, variable: str, value: str) -> None:
    (tmp_path / FILES[variable]).write_text(value)
    for environment in (GIVEN | {variable: value}, GIVEN | {variable: ""}):
        with pytest.raises(SettingsError) as refused:
            read_door_secrets(environment, tmp_path)
        said = str(refused.value)
        assert said.startswith(f"{variable} (or")
        assert f"has {len(value)} characters of another shape" in said
        assert value == "," or value not in said
        assert "\n" not in said


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"\x00" * 32])
def test_a_file_that_is_no_text_is_told_like_any_other(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "api-key").write_bytes(raw)
    with pytest.raises(SettingsError, match="HOTLINE_API_KEY"):
        read_door_secrets(GIVEN | {"HOTLINE_API_KEY": ""}, tmp_path)


def test_a_secret_is_written_for_its_owner_alone_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    write_secret(path, "geheim\n")
    assert path.read_text() == "geheim\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_secret(path, "another")
    assert path.read_text() == "geheim\n"
