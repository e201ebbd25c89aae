"""The reader: from what somebody wrote to a finding, with the words that made it think so."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reports.values import Finding, Labels, Place, PlaceRole, Urgency
from routing.finding.burmese import is_unreadable
from routing.finding.cancels import Cancel
from routing.finding.classify import ALONE, Read, classify
from routing.finding.crossing import with_crossing
from routing.finding.dimensions import Dimensions
from routing.finding.evidence import evidence_of
from routing.finding.folding import MOST_CHARACTERS, Folded, fold
from routing.finding.heads import Floats, Scores
from routing.finding.indicators import STRONG, Hit, Indicators
from routing.finding.language import Languages
from routing.finding.model import Scored, TextModel
from routing.finding.place_meanings import Named
from routing.finding.places import PlaceReader
from routing.finding.questions import question_for
from routing.finding.role_mix import evidence
from routing.finding.sexes import SexWords
from routing.finding.sureness import circumstances
from routing.finding.taxonomy import Taxonomy
from routing.finding.venues import TOLD_BY_POSTER, ToldVenue, Venues, place_of, without_codes

# A text of so few characters tells no more than that something is wrong.
SHORT = 20
# One of so few that does not tell both what happened and where is a cry, whatever the heads take it for.
_CRY = 12
# One of so few was broken off, unless it says by itself that it only asks.
_FEW = 5
# What the layers were taught and measured on. Anything else a person reads.
_READ_LANGUAGES = frozenset({"zh", "en", "vi", "my", "lo", "km", "th", "ko", "ru", "mn", "id", "tl", "ur", "hi"})
# What a sign becomes whose code was lost; some carriers put question marks instead, more than anybody asks.
_LOST, _MOST_ASKED = "\ufffd", 8
# What becomes of letters that were coded and never decoded, or decoded by the wrong table, and letters upside down.
_CODED = re.compile(
    r"(?:%[0-9A-Fa-f]{2}){3}|(?:\\u[0-9A-Fa-f]{4}){2}|(?:&#x?[0-9A-Fa-f]{2,6};){2}"
    "|(?:[\u00c3-\u00ef][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]{1,2}){2}|[\u01dd\u0250-\u02af]{2}"
)
_TABLES = (
    "taxonomy.toml",
    "languages.toml",
    "sexes.toml",
    "dimensions.toml",
    "areas.csv",
    "towns.csv",
    "landmarks.csv",
    "venues.toml",
)


@dataclass(frozen=True)
class Reading:
    """A text made ready: folded, with one sex, its language, its indicators, and the places that it names with the role
    that words tell of each."""

    text: str
    written: Folded
    neutral: Folded
    language: str
    hits: tuple[Hit, ...]
    named: tuple[Named, ...]
    by_words: tuple[PlaceRole | None, ...]
    posters: tuple[ToldVenue, ...] = ()

    @property
    def has_words(self) -> bool:
        """Whether there is a single letter or character in it."""
        return any(character.isalpha() for character in self.written.text)


@dataclass(frozen=True)
class Close:
    """A finding, and the sentence model's vector of the beginning of its text; None without the model or any words."""

    finding: Finding
    meaning: Floats | None


class Reader:
    """Reads texts. Pure, and never raises for any text."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        languages: Languages,
        sexes: SexWords,
        indicators: Indicators,
        dimensions: Dimensions,
        places: PlaceReader,
        venues: Venues,
        model: TextModel,
        fingerprint: str,
    ) -> None:
        self.taxonomy, self._languages, self._sexes, self._indicators = taxonomy, languages, sexes, indicators
        self._dimensions, self._places, self._venues, self.model = dimensions, places, venues, model
        self.fingerprint = fingerprint

    @classmethod
    def load(cls, config: Path, *, sentences: bool = True) -> Reader:
        """Reads the tables and the model, with the sentence model where it is here and wanted.

        Raises ValueError naming a file that is not as wanted.
        """
        sexes, taxonomy = SexWords.load(config), Taxonomy.load(config)
        indicators, dimensions = Indicators.load(config, sexes, taxonomy), Dimensions.load(config)
        model = TextModel.load(config / "model", sentences=sentences)
        return cls(
            taxonomy,
            Languages.load(config),
            sexes,
            indicators,
            dimensions,
            PlaceReader.load(config),
            Venues.load(config),
            model,
            _fingerprint(config, model.fingerprint),
        )

    def read(self, text: str) -> Finding:
        """What the text says. Where it is not sure it says so, and why, in doubts."""
        return self.read_closely(text).finding

    def read_closely(self, text: str) -> Close:
        """The same, with what the text means as one vector."""
        reading = self.reading(text)
        scored = self.scored(reading)
        return Close(self.conclude(reading, scored), scored.meaning if reading.has_words else None)

    def scored(self, reading: Reading) -> Scored:
        """What the model makes of a reading."""
        spans = [(one.start, one.end) for one in reading.named]
        return self.model.scored(reading.neutral.text, reading.written.text, reading.hits, spans)

    def reading(self, text: str) -> Reading:
        """The text made ready, before anything is concluded."""
        posters = self._venues.told_in(text[:MOST_CHARACTERS])
        written = fold(without_codes(text[:MOST_CHARACTERS], posters))
        neutral = self._sexes.neutral(written)
        named = self._places.named(written)
        return Reading(
            text=text,
            written=written,
            neutral=neutral,
            language=self._languages.language_of(written.text),
            hits=self._indicators.hits(neutral, written),
            named=named,
            by_words=self._places.by_words(written, named),
            posters=posters,
        )

    def places_in(self, answer: str) -> tuple[Place, ...]:
        """The places that an answer to the question where names, though it says nothing else."""
        return self._places.read(fold(answer[:MOST_CHARACTERS]))

    def placed(self, reading: Reading, scored: Scored) -> tuple[Place, ...]:
        """The places of a reading, each in the role that words and sentence model together make likeliest."""
        mix = self.model.heads.role_mix
        roles = [
            words if found is None else mix.role(found)
            for words, found in zip(reading.by_words, self.evidence(reading, scored), strict=True)
        ]
        places = self._places.placed(reading.written, reading.named, roles)
        by_poster = place_of(reading.posters, places)
        return places if by_poster is None else (*places, by_poster)

    def evidence(self, reading: Reading, scored: Scored) -> list[Floats | None]:
        """What the role of each place is weighed by; None where the sentence model says nothing of it."""
        alleged = self._alleged(scored.scores["matters"])
        return [
            None if said is None else evidence(said, words, is_abroad=one.is_abroad, alleged=alleged)
            for one, words, said in zip(reading.named, reading.by_words, scored.places, strict=True)
        ]

    def circumstances(self, reading: Reading, scored: Scored) -> Floats:
        """What it depends on how sure the reader may be, in the order of sureness.NAMES."""
        return self._circumstances(reading, scored, self._read(reading, scored.scores), self.placed(reading, scored))

    def _circumstances(self, reading: Reading, scored: Scored, read: Read, places: Sequence[Place]) -> Floats:
        chances = [
            float(words is PlaceRole.OCCURRENCE) if found is None else self.model.heads.role_mix.occurrence(found)
            for words, found in zip(reading.by_words, self.evidence(reading, scored), strict=True)
        ]
        length = len(reading.written.text)
        return circumstances(read, scored.scores, places, chances, self.taxonomy, reading.language, length)

    def _read(self, reading: Reading, scores: Scores) -> Read:
        read = classify(scores, reading.hits, self.taxonomy, len(reading.written.text))
        # Where nothing is written, the heads still lean one way or another; nobody was told of.
        return read if reading.has_words else replace(read, persons=(), contact=(), cues=())

    def cues(self, reading: Reading, scored: Scored, matters: Collection[str]) -> tuple[str, ...]:
        """The circumstances that a text tells beside these matters, whatever the reader takes it to be about."""
        places = self.placed(reading, scored)
        return self._cues(self._read(reading, scored.scores), places, _heeded(reading.posters, places), matters)

    def _cues(
        self, read: Read, places: Sequence[Place], posters: Sequence[ToldVenue], matters: Collection[str]
    ) -> tuple[str, ...]:
        abroad = any(_is_occurrence(place) and place.code.isalpha() for place in places)
        by_poster = [TOLD_BY_POSTER] if places and posters else []
        told = dict.fromkeys([*read.cues, *(["victim_abroad"] if abroad else []), *by_poster])
        return tuple(cue for cue in told if self.taxonomy.means_something(cue, matters))

    def conclude(self, reading: Reading, scored: Scored) -> Finding:
        """The finding for a reading and what the model makes of it."""
        scores, read = scored.scores, self._read(reading, scored.scores)
        told = self.placed(reading, scored)
        posters = _heeded(reading.posters, told)
        sure = self.model.sure.likely(self._circumstances(reading, scored, read, told))
        doubts = tuple(dict.fromkeys([*read.doubts, *self._doubts(reading, read, told, sure)]))
        places = () if read.is_harmless else told
        matters = with_crossing(read.matters, places, self.taxonomy)
        labels = Labels(
            matters=matters,
            urgency=_at_least(read.urgency, doubts, is_pressing=self._may_press(reading)),
            persons=read.persons,
            reporter=read.reporter,
            places=places,
            contact=read.contact,
            cues=self._cues(read, places, posters, matters),
        )
        return Finding(
            labels=labels,
            language=reading.language,
            confidence=round(sure if not doubts else sure * 0.5, 2),
            needs_person=bool(doubts),
            doubts=doubts,
            evidence=evidence_of(
                [*reading.hits, *_poster_hits(posters)], labels, reading.neutral, reading.written, self.model.heads
            ),
            reader=self.fingerprint,
            band=self.model.sure.band(sure),
            dimensions=self._dimensions.of(reading.hits, labels),
            question=question_for(read, scores, doubts, places),
            without_sentences=not self.model.has_sentences,
        )

    def _alleged(self, matters: Mapping[str, float]) -> float:
        """By how much something that must be answered is likelier than a mere question, a quarrel or noise."""
        families = {code: self.taxonomy.family(code) for code in matters}
        real = max(score for code, score in matters.items() if families[code] in ("crime", "relief"))
        return real - max(matters[code] for code in ALONE)

    def _doubts(self, reading: Reading, read: Read, places: Sequence[Place], sure: float) -> Iterable[str]:
        if not reading.has_words:
            yield "no_text"
        elif reading.language not in _READ_LANGUAGES or _is_garbled(reading.text, reading.written.text):
            yield "unknown_language"
        is_too_little = _is_broken_off(reading) if read.is_harmless else _is_a_bare_cry(reading)
        if is_too_little or not self.model.sure.is_sure(sure):
            yield "weak_evidence"
        if read.is_harmless:
            if any(_speaks_of_danger(hit) for hit in reading.hits) or self._speaks_of_harm(reading.hits):
                yield "conflicting_evidence"
            elif places and any(_supposes_danger(hit) for hit in reading.hits):
                # Whoever only asks names no place; whoever is watched may ask for "somebody".
                yield "conflicting_evidence"
        elif any(place.candidates and not place.code for place in places if _is_occurrence(place)):
            yield "place_ambiguous"
        if not self._reads_whole(reading):
            yield "too_long"

    def _may_press(self, reading: Reading) -> bool:
        """Whether plain words of a crime stand in a text, or it is too short for more than a cry."""
        crimes = (hit for hit in reading.hits if hit.axis == "matters" and self.taxonomy.family(hit.code) == "crime")
        return len(reading.written.text) <= SHORT or any(not hit.is_denied for hit in crimes)

    def _reads_whole(self, reading: Reading) -> bool:
        if len(reading.text) > MOST_CHARACTERS or not reading.written.is_whole:
            return False
        return self.model.reads_whole(reading.neutral.text, reading.written.text)

    def _speaks_of_harm(self, hits: Sequence[Hit]) -> bool:
        """Whether plain words of a crime stand beside plain words of harm that goes on."""
        plain = [hit for hit in hits if hit.weight >= STRONG and not hit.is_denied]
        is_crime = any(hit.axis == "matters" and self.taxonomy.family(hit.code) == "crime" for hit in plain)
        return is_crime and any((hit.axis, hit.code) == ("urgency", Urgency.URGENT.value) for hit in plain)


def _speaks_of_danger(hit: Hit) -> bool:
    return _is_of_danger(hit) and not hit.is_denied


def _supposes_danger(hit: Hit) -> bool:
    return _is_of_danger(hit) and hit.cancelled_by is Cancel.HYPOTHETICAL


def _is_of_danger(hit: Hit) -> bool:
    return (hit.axis, hit.code) == ("urgency", Urgency.IMMEDIATE.value) and hit.weight >= STRONG


def _is_garbled(original: str, text: str) -> bool:
    """Whether letters were lost or changed on the way, or stand in no order that makes words."""
    lost = text.count("?")
    if _LOST in text or (lost >= _MOST_ASKED and lost > sum(map(str.isalpha, text))):
        return True
    return _CODED.search(original[:MOST_CHARACTERS]) is not None or is_unreadable(text)


def _is_a_bare_cry(reading: Reading) -> bool:
    """Whether a text is too short for more than a cry: no word in it says what happened, or none says where."""
    told = any(hit.axis == "matters" and not hit.is_denied for hit in reading.hits)
    return len(reading.written.text) <= _CRY and not (told and reading.named)


def _is_broken_off(reading: Reading) -> bool:
    """Whether a text is a word or two of which none asks, greets, jokes or advertises: who knows what was to follow."""
    told = any(hit.axis == "matters" and hit.code in ALONE for hit in reading.hits)
    return len(reading.written.text) <= _FEW and not told


def _is_occurrence(place: Place) -> bool:
    return place.role is PlaceRole.OCCURRENCE


def _at_least(urgency: Urgency, doubts: tuple[str, ...], *, is_pressing: bool) -> Urgency:
    """What the machine does not understand it must not call harmless, nor what it only half believes to be so."""
    is_unread = bool({"no_text", "unknown_language", "too_long", "conflicting_evidence"} & set(doubts))
    if urgency is Urgency.LOW and (is_unread or (doubts and is_pressing)):
        return Urgency.URGENT
    return urgency


def _heeded(posters: Sequence[ToldVenue], places: Sequence[Place]) -> Sequence[ToldVenue]:
    """The posters, where one of the places is theirs."""
    return posters if any(place.start == one.start for one in posters for place in places) else ()


def _poster_hits(posters: Sequence[ToldVenue]) -> Iterator[Hit]:
    for told in posters:
        yield Hit(axis="cues", code=TOLD_BY_POSTER, weight=STRONG, start=told.start, end=told.end)


def _fingerprint(config: Path, model: str) -> str:
    digest = hashlib.sha256(model.encode())
    paths = [config / name for name in _TABLES] + sorted([*config.glob("place_*"), *config.glob("indicators/*.toml")])
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
