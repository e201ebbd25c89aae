"""The reader: from what somebody wrote to a finding, with the words that made it think so."""

from __future__ import annotations

import hashlib
from pathlib import Path

from reports.values import Evidence, Finding, Labels, Place, PlaceRole, Urgency
from routing.finding.classify import Read, classify
from routing.finding.folding import fold
from routing.finding.indicators import Hit, Indicators
from routing.finding.language import Languages
from routing.finding.places import PlaceReader
from routing.finding.sexes import SexWords
from routing.finding.taxonomy import Taxonomy

# Longer texts are read this far; the rest is kept and shown, and a person is told that the machine did not read it.
MOST_CHARACTERS = 12_000
_READ_LANGUAGES = frozenset({"zh", "en"})
_TABLES = ("taxonomy.toml", "languages.toml", "areas.csv", "towns.csv", "landmarks.csv")


class Reader:
    """Reads texts. Pure, and never raises for any text."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        languages: Languages,
        indicators: Indicators,
        sexes: SexWords,
        places: PlaceReader,
        fingerprint: str,
    ) -> None:
        self._taxonomy, self._languages, self._indicators, self._places = taxonomy, languages, indicators, places
        self._sexes = sexes
        self.fingerprint = fingerprint

    @classmethod
    def load(cls, config: Path) -> Reader:
        """Reads the tables. Raises ValueError naming a file that is not as wanted."""
        sexes = SexWords.load(config)
        return cls(
            Taxonomy.load(config),
            Languages.load(config),
            Indicators.load(config, sexes),
            sexes,
            PlaceReader.load(config),
            _fingerprint(config),
        )

    def read(self, text: str) -> Finding:
        """What the text says. Where it is not sure it says so, and why, in doubts."""
        folded = fold(text[:MOST_CHARACTERS])
        language = self._languages.language_of(folded.text)
        hits = self._indicators.hits(self._sexes.neutral(folded), folded)
        hits = tuple(hit for hit in hits if not hit.is_denied)
        read = classify(hits, self._taxonomy, self._indicators.is_hypothetical(folded.text))
        places = self._places.read(folded)
        doubts = [*read.doubts, *_doubts(text, language, places)]
        harmless = read.matters[0] in ("enquiry", "out_of_scope", "spam") and read.urgency is not Urgency.IMMEDIATE
        if harmless and not doubts:
            places = ()
        urgency = read.urgency
        if urgency is Urgency.LOW and doubts:
            # What the machine does not understand it must not call harmless.
            urgency = Urgency.STANDARD if language in _READ_LANGUAGES else Urgency.URGENT
        labels = Labels(
            matters=read.matters,
            urgency=urgency,
            persons=read.persons,
            reporter=read.reporter,
            places=places,
            contact=read.contact,
            cues=_settled_cues(read, places),
        )
        doubts = list(dict.fromkeys(doubts))
        return Finding(
            labels=labels,
            language=language,
            confidence=_confidence(read, doubts),
            needs_person=bool(doubts),
            doubts=tuple(doubts),
            evidence=_evidence(hits, labels),
            reader=self.fingerprint,
        )


def _doubts(text: str, language: str, places: tuple[Place, ...]) -> list[str]:
    doubts = []
    if not any(character.isalnum() for character in text):
        doubts.append("no_text")
    elif language not in _READ_LANGUAGES:
        doubts.append("unknown_language")
    occurrences = [place for place in places if place.role is PlaceRole.OCCURRENCE]
    if any(place.candidates and not place.code for place in occurrences):
        doubts.append("place_ambiguous")
    if len(text) > MOST_CHARACTERS:
        doubts.append("too_long")
    return doubts


def _settled_cues(read: Read, places: tuple[Place, ...]) -> tuple[str, ...]:
    abroad = any(place.role is PlaceRole.OCCURRENCE and place.code.isalpha() for place in places)
    return tuple(dict.fromkeys([*read.cues, *(["victim_abroad"] if abroad else [])]))


def _confidence(read: Read, doubts: list[str]) -> float:
    return round(max(0.05, min(1.0, 0.3 + 0.15 * read.strength) * 0.6 ** len(doubts)), 2)


def _evidence(hits: tuple[Hit, ...], labels: Labels) -> tuple[Evidence, ...]:
    """The hits whose label stands, in the original's offsets, and the places."""
    standing = {
        "matters": set(labels.matters),
        "urgency": {labels.urgency.value},
        "persons": set(labels.persons),
        "reporter": {labels.reporter},
        "contact": set(labels.contact),
        "cues": set(labels.cues),
    }
    found = {(hit.axis, hit.code, hit.start, hit.end) for hit in hits if hit.code in standing.get(hit.axis, set())}
    found |= {("places", place.role.value, place.start, place.end) for place in labels.places}
    ordered = sorted(found, key=lambda one: (one[2], one[3], one[0], one[1]))
    return tuple(Evidence(axis=axis, code=code, start=start, end=end) for axis, code, start, end in ordered)


def _fingerprint(config: Path) -> str:
    digest = hashlib.sha256()
    paths = [config / name for name in _TABLES] + sorted((config / "indicators").glob("*.toml"))
    paths += sorted(config.glob("place_*"))
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
