"""What is settled about files, and how a wrong setting is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from config.files import Files
from config.settings import PACKAGED_CONFIG, SettingsError


def test_the_limits_that_came_with_this_version_load() -> None:
    files = Files.load(PACKAGED_CONFIG)
    assert files.limits.file_bytes == files.limits.file_megabytes * 1024 * 1024
    assert files.limits.file_bytes <= files.limits.report_bytes <= files.limits.body_bytes
    assert all(origin.startswith("https://") for origin in files.fetching.origins)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("file_megabytes = 10", "file_megabytes = 0", "file_megabytes"),
        ("files = 5", 'files = "5"', "files"),
        ("pages = 20", "pages = true", "pages"),
        ("seconds = 30\nredirects", "redirects", "seconds"),
        ('["https://mms.twiliocdn.com", "https://media.twiliocdn.com"]', '["media"]', "origins"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, before: str, after: str, named: str) -> None:
    path = tmp_path / "files.toml"
    shutil.copy(PACKAGED_CONFIG / "files.toml", path)
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=named):
        Files.load(tmp_path)


def test_a_folder_without_the_file_is_told() -> None:
    with pytest.raises(SettingsError, match=r"files\.toml"):
        Files.load(Path("/nonexistent"))
