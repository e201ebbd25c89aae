"""A call behind the door: its parts become one report, which is read once and whole."""

from __future__ import annotations

from sqlalchemy import update

from reports.calls import call_is_over, quiet_left
from reports.content import Content, NewReport
from reports.keeping import Keeper
from reports.tables import findings, reports
from reports.values import Channel
from tests.workers.made import SENDER, Work

CALL = "CA" + "1" * 32
SOURCE = "twilio-voice"


def part(
    work: Work, step: str = "", *, follows: str = "", quiet: int = 0, flags: tuple[str, ...] = (), **content: object
) -> str:
    new = NewReport(
        channel=Channel.VOICE,
        source=SOURCE,
        source_id=f"{CALL}:{step}" if step else CALL,
        content=Content(**{"text": "", "sender": SENDER, **content}),  # type: ignore[arg-type]
        raw=b"",
        flags=flags,
        follows=follows,
        quiet_seconds=quiet,
    )
    return Keeper(work.database, work.door_keys).keep(new, urgent=not follows).report_id


def over(work: Work, call: str) -> None:
    with work.database.write() as connection:
        call_is_over(work.context.store.chain, connection, call)


def triage_all(work: Work) -> None:
    for _ in range(4):
        for queue in ("urgent", "normal"):
            work.triage(queue)


def test_a_call_is_read_once_and_whole_when_it_is_over(work: Work) -> None:
    call = part(work, quiet=1800)
    part(work, "what", follows=call, quiet=1800, text="work in a brick kiln")
    part(work, "where", follows=call, quiet=1800, place="Ruili")
    triage_all(work)
    assert work.reader.texts == []
    over(work, call)
    triage_all(work)
    assert work.reader.texts == ["work in a brick kiln\nRuili"]
    assert (work.report(call).state, len(work.all(findings))) == ("REFERRED", 1)


def test_danger_is_read_at_once_whatever_else_was_said(work: Work) -> None:
    call = part(work, quiet=1800)
    part(work, "danger", follows=call, in_danger=True)
    triage_all(work)
    assert (work.report(call).state, work.report(call).urgency_rank) == ("REFERRED", 0)
    with work.database.read() as connection:
        assert quiet_left(connection, call) == 0


def test_the_end_of_a_call_that_is_told_twice_changes_nothing(work: Work) -> None:
    call = part(work, quiet=1800)
    over(work, call)
    triage_all(work)
    before = work.report(call)
    over(work, call)
    triage_all(work)
    assert work.report(call) == before
    assert len(work.audited("call_over")) == 1


def test_whoever_rings_only_to_hear_how_it_stands_reopens_nothing(work: Work) -> None:
    earlier = work.keep("work")
    work.triage()
    with work.database.write() as connection:
        connection.execute(update(reports).values(state="CLOSED"))
    call = part(work, quiet=1800, follows=earlier)
    over(work, call)
    triage_all(work)
    assert (work.report(call).state, work.report(call).merged_into) == ("MERGED", earlier)
    assert (work.report(earlier).state, work.report(earlier).to_read_at) == ("CLOSED", None)


def test_what_is_said_after_a_receipt_is_read_with_the_report_it_adds_to(work: Work) -> None:
    earlier = work.keep("work")
    work.triage()
    with work.database.write() as connection:
        connection.execute(update(reports).values(state="CLOSED"))
    call = part(work, quiet=1800, follows=earlier)
    part(work, "what", follows=call, quiet=1800, text="they came back")
    over(work, call)
    triage_all(work)
    assert work.report(call).merged_into == earlier
    assert work.reader.texts[-1] == "work\nthey came back"
    # Whoever wrote it may still be writing; it goes before a person when they have been quiet for a minute.
    assert work.report(earlier).to_read_at is not None
