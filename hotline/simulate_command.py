"""`hotline simulate`: plays the carrier and the public for a running system."""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter

import click

from config.secrets import read_door_secrets
from hotline.options import settings_now
from hotline.simulated_public import InventedReport, Public, conversation, invented_conversations, invented_reports
from routing.areas import AreaTree

_MOST_TRIES = 5
_NO_KEY = (
    "HOTLINE_EXERCISE_KEY (or the file {path}) should be the key that exercises are proved by, but nothing was given. "
    "Without it nothing can be played: it would be taken for true."
)


@click.command()
@click.option("--count", type=click.IntRange(1, 100_000), default=20, show_default=True, help="How many reports.")
@click.option("--rate", type=click.FloatRange(0.01, 1000), default=5.0, show_default=True, help="Reports a second.")
@click.option("--calls", type=click.IntRange(0, 100), default=10, show_default=True, help="Calls in a hundred reports.")
@click.option("--seed", type=int, help="The same texts, doors and senders for the same seed.")
@click.option("--conversations", type=click.IntRange(1, 1000), help="Instead: so many people who send several texts.")
@click.option("--say", multiple=True, metavar="TEXT", help="Instead: one person who sends this; give it several times.")
@click.option(
    "--pause", type=click.FloatRange(0.01, 3600), default=3.0, show_default=True, help="Seconds between texts."
)
@click.option("--exercise", is_flag=True, help="As an exercise: marked everywhere, and nothing of it leaves the house.")
def simulate(
    count: int,
    rate: float,
    calls: int,
    seed: int | None,
    conversations: int | None,
    say: tuple[str, ...],
    pause: float,
    exercise: bool,
) -> None:
    """Send invented reports through the doors of the system that runs on this machine, properly signed.

    Exit status 1 if any was not kept.

    Example: hotline simulate --count 50 --rate 10 --seed 7

    Example: hotline simulate --exercise --count 10

    Example: hotline simulate --say "他们扣了身份证" --say "在镇康县" --pause 10
    """
    settings = settings_now()
    doors = read_door_secrets(os.environ, settings.state)
    areas = AreaTree.load(settings.config / "areas.csv")
    if exercise and not doors.exercise_key:
        raise click.ClickException(_NO_KEY.format(path=settings.state / "exercise-key"))
    public = Public(settings.intake_port, settings.public_url, doors, exercise=exercise)
    if say:
        played = list(conversation(say, random.Random(seed)))  # noqa: S311
    elif conversations:
        played = list(invented_conversations(areas, conversations, seed))
    else:
        played = list(invented_reports(areas, count, seed, calls))
    count, rate = len(played), 1 / pause if say or conversations else rate
    kept, lost, by_kind = 0, Counter[str](), Counter[str]()
    started = time.monotonic()
    with click.progressbar(played, label="sending", file=sys.stderr) as bar:
        for number, report in enumerate(bar):
            time.sleep(max(0.0, started + number / rate - time.monotonic()))
            answer = _deliver(public, report)
            by_kind[f"{report.kind} by {report.channel.value}"] += 1
            if answer in ("200", "201"):
                kept += 1
            else:
                lost[answer] += 1
    public.close()
    for name, number in sorted(by_kind.items()):
        click.echo(f"{number:6}  {name}")
    click.echo(f"{kept} of {count} kept in {time.monotonic() - started:.1f} s.")
    for answer, number in lost.items():
        click.echo(f"{number} not kept: {answer}. Is `hotline up` running with this HOTLINE_STATE?", err=True)
    sys.exit(1 if lost else 0)


def _deliver(public: Public, report: InventedReport) -> str:
    """Tries again as a carrier does: after no answer or a 5xx, with the same id. Returns the last status or fault."""
    answer = ""
    for attempt in range(_MOST_TRIES):
        if attempt:
            time.sleep(min(2.0, 0.2 * 2**attempt))
        try:
            status = public.send(report)
        except OSError as fault:
            answer = str(fault)
            continue
        answer = str(status)
        if status < 500:
            break
    return answer
