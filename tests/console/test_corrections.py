"""What officers made of reports goes to whoever trains the reader: sealed, and without who told it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from hotline.labelled import read_labelled
from hotline.model_command import model
from reports.tables import audit_entries, reports
from tests.console.house import LABELS, House
from tests.console.test_recusal import labels_form

TEXT = (
    "我叫王小花，我在瑞丽的砖厂，工头姓李，大家叫他李老板，住人民路12号3栋402室。我的电话138 0000 0000，"
    "微信号xiaohua_88，身份证533102199901010000，车牌云N12345，不给工钱"
)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The folder with the keys of whoever trains."""
    made = CliRunner().invoke(model, ["key", str(tmp_path / "keys")])
    assert made.exit_code == 0, made.output
    return tmp_path / "keys"


@pytest.fixture
def store(house: House, state: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house as the commands of its machine find it."""
    monkeypatch.setenv("HOTLINE_STATE", str(state))
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database_url)
    return house


def corrected(house: House, text: str = TEXT, **content: str) -> str:
    kept, chen = house.triaged(text, **content), house.duty("Chen")
    chen.act(f"/reports/{kept.reference}", "correct", **labels_form(replace(LABELS, matters=("abduction",))))
    return kept.report_id


def export(keys: Path, output: Path, reason: str = "quarterly training") -> Result:
    to = str(keys / "training.pub")
    return CliRunner().invoke(model, ["export", str(output), "--to", to, "--reason", reason])


def opened(keys: Path, sealed: Path, output: Path) -> Result:
    ring = str(keys / "training.json")
    return CliRunner().invoke(model, ["open", str(sealed), "--key", ring, "--output", str(output)])


def test_a_correction_comes_out_labelled_without_who_told_it(store: House, keys: Path, tmp_path: Path) -> None:
    corrected(store, name="王小花", contact="xiaohua@example.org")
    sealed, lines = tmp_path / "desk.sealed", tmp_path / "desk.jsonl"
    assert export(keys, sealed).exit_code == 0
    assert opened(keys, sealed, lines).exit_code == 0
    (report,) = read_labelled(lines)
    assert report.matters == ("abduction",)
    assert "瑞丽的砖厂" in report.text
    assert "不给工钱" in report.text
    for told in ("王小花", "李老板", "138", "xiaohua", "5331021999", "云N12345", "人民路", "402"):
        assert told not in report.text, told
    line = json.loads(lines.read_text(encoding="utf-8"))
    assert line["found"]["matters"] == ["forced_labour"]
    for name in ("reference", "report_id", "received_at"):
        assert name not in line


def test_the_sealed_file_shows_nothing_and_opens_with_no_other_key(store: House, keys: Path, tmp_path: Path) -> None:
    corrected(store)
    sealed = tmp_path / "desk.sealed"
    export(keys, sealed)
    assert "瑞丽" not in sealed.read_text(encoding="utf-8")
    assert sealed.stat().st_mode & 0o077 == 0
    CliRunner().invoke(model, ["key", str(tmp_path / "others")])
    refused = opened(tmp_path / "others", sealed, tmp_path / "stolen")
    assert refused.exit_code != 0
    assert not (tmp_path / "stolen").exists()
    changed = json.loads(sealed.read_text(encoding="ascii"))
    sealed.write_text(json.dumps({**changed, "id": "0" * 32}), encoding="ascii")
    assert opened(keys, sealed, tmp_path / "stolen").exit_code != 0


def test_every_export_is_written_down_with_each_report(store: House, keys: Path, tmp_path: Path) -> None:
    report_id = corrected(store)
    export(keys, tmp_path / "desk.sealed")
    wanted = (audit_entries.c.object == f"report:{report_id}") & (audit_entries.c.action == "taken_for_training")
    with store.database.read() as connection:
        (detail,) = connection.execute(select(audit_entries.c.detail).where(wanted)).scalars()
    assert "quarterly" not in str(detail)  # The reason may name somebody: it is sealed.
    assert "remark" in str(detail)


def test_without_a_reason_nothing_is_exported(store: House, keys: Path, tmp_path: Path) -> None:
    corrected(store)
    refused = export(keys, tmp_path / "desk.sealed", reason=" ")
    assert refused.exit_code != 0
    assert not (tmp_path / "desk.sealed").exists()


def test_what_was_erased_and_what_nobody_judged_are_not_exported(store: House, keys: Path, tmp_path: Path) -> None:
    erased = corrected(store)
    store.triaged()
    with store.database.write() as connection:
        connection.execute(update(reports).where(reports.c.id == erased).values(wrapped_key=b""))
    said = export(keys, tmp_path / "desk.sealed")
    assert said.exit_code == 0
    assert "nothing was exported" in said.output
    assert not (tmp_path / "desk.sealed").exists()
