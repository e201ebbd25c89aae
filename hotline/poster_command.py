"""`hotline poster`: the printed sheet of a venue."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import click

from config.public_page import PublicPage
from hotline.options import config_option, settings_now
from hotline.poster import Ways, poster
from intake.wording import LANGUAGES, load_words
from routing.finding.venues import Venue, Venues

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
_NUMBER = re.compile(r"\+?[0-9]{3,15}")
_OURS = ("127.0.0.1", "localhost", "::1")


@click.command(name="poster")
@click.argument("code", metavar="VENUE")
@click.option("--languages", default="zh,en", help="Up to four of " + ", ".join(LANGUAGES) + ". Default: zh,en.")
@click.option("--number", default="", help="The number that takes our texts. Without it the sheet asks nobody to text.")
@click.option("--out", type=_FILE, help="The file to write. Default: poster-VENUE.html.")
@config_option
def poster_command(code: str, languages: str, number: str, out: Path | None, config: Path) -> None:
    """Write the sheet to print for a venue of venues.toml, as one HTML file. Its picture leads to HOTLINE_PUBLIC_URL.

    Example: hotline poster 42102 --languages zh,en,my --number +15005550006 --out ruili.html
    """
    venues, words = Venues.load(config), load_words()
    venue = _venue(venues, code)
    wanted = [language.strip() for language in languages.split(",") if language.strip()]
    unknown = [language for language in wanted if language not in LANGUAGES]
    if unknown:
        raise ValueError(f"--languages should be some of {', '.join(LANGUAGES)}, but one is {unknown[0]!r}.")
    if number and not _NUMBER.fullmatch(number):
        raise ValueError(f"--number should be digits, with a + before them if it is international, not {number!r}.")
    public_url = settings_now().public_url
    if urlsplit(public_url).hostname in _OURS:
        click.echo(
            "hotline: HOTLINE_PUBLIC_URL is this machine's own address; a printed sheet needs the public one.", err=True
        )
    ways = Ways(address=f"{public_url}/?v={venue.code}", number=number, facts=PublicPage.load(config))
    sheet = poster(venue, venues.plan_of(venue), ways, [words[language] for language in dict.fromkeys(wanted)])
    target = out or Path(f"poster-{venue.code}.html")
    target.write_text(sheet, encoding="utf-8")
    click.echo(f"Wrote {target}: {venue.zh} / {venue.en}. Open it in a browser and print it.")


def _venue(venues: Venues, code: str) -> Venue:
    found = venues.find(code)
    if found is None:
        known = ", ".join(f"{venue.code} {venue.en}" for venue in list(venues)[:10])
        raise ValueError(f"There is no venue {code!r} in venues.toml. It begins with: {known}.")
    return found
