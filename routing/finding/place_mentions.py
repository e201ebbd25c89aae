"""Finds the names of places in folded text: the longest first, whole words only, none across a gap somebody wrote."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import ahocorasick

from routing.areas import Level
from routing.finding.folding import Folded, is_han
from routing.finding.place_names import NameTable, Sense
from routing.finding.place_scripts import PlainText, is_whole, plain_text
from routing.finding.place_sounds import SoundTable
from routing.finding.place_toneless import Toneless

# The kinds of division as they are written behind a name in Latin letters: the level, and how the full name ends.
_LATIN_KINDS = {
    "county": (Level.COUNTY, "县旗"), "xian": (Level.COUNTY, "县"), "district": (Level.COUNTY, "区"),
    "qu": (Level.COUNTY, "区"), "city": (None, "市"), "shi": (None, "市"), "province": (Level.PROVINCE, "省区"),
    "sheng": (Level.PROVINCE, "省"), "prefecture": (Level.CITY, "州盟区市"), "banner": (Level.COUNTY, "旗"),
}  # fmt: skip
_LATIN_KIND = re.compile(" (" + "|".join(_LATIN_KINDS) + r")\b")
_SYLLABLE = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ueng|ang|eng|ing|ong|ian|uan|iao|uai|ai|ei|ao|ou|an|en|in|un|"
    "ia|ie|iu|ua|uo|ui|ue|er|a|e|i|o|u|v)"
)
# Syllables set apart, as people type pinyin: two to four of them may be one name.
_SYLLABLES = re.compile(rf"(?<![^\W_])(?:{_SYLLABLE})(?: {_SYLLABLE})+(?![^\W_])")
# Letters whose names may be found by sound.
_OTHER_SCRIPTS = re.compile("[\u0400-\u06ff\u0900-\u097f\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\uac00-\ud7a3]")
# A name that only its sound tells counts this near to one that holds it, or that it holds.
_BESIDE = 10
_MOST_SYLLABLES = 4
_LEAST_JOINED = 5
# A county town that was moved is a new one: what stands before is the county, not Yangxin or Xin county.
_NEW_SEAT, _COUNTY = "新县城", "新县"
# A text with more is a flood of names, not a report; what stands first is read.
_MOST_HITS = 1_000
_MOST_MENTIONS = 120


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the folded text, start to end, with all its meanings.

    is_before_its_town: one of its towns is named right behind it (东兴江平), so that nothing else is called by it.
    """

    start: int
    end: int
    name: str
    senses: tuple[Sense, ...]
    is_before_its_town: bool = False

    @property
    def is_full(self) -> bool:
        """Whether the name is written with its kind of division, so that it hardly means anything else."""
        return len(self.name) > 2 and any(sense.is_full for sense in self.senses)

    @property
    def is_han(self) -> bool:
        """Whether it is written in Chinese characters."""
        return is_han(self.name[0])


class MentionFinder:
    """Finds names from a table."""

    def __init__(self, names: NameTable, sounds: SoundTable, toneless: Toneless) -> None:
        self._names, self._sounds, self._kinds = names, sounds, sounds.kinds
        self._toneless = toneless
        self._areas = names.areas
        self._senses = names.senses
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)
        for name in names.senses:
            self._automaton.add_word(name)
        self._automaton.make_automaton()

    def find(self, folded: Folded) -> tuple[Mention, ...]:
        """Names that do not overlap, in the order of the text."""
        plain = plain_text(folded.text)
        finders = (
            self._written(plain),
            self._joined(folded.text),
            self._toneless.find(folded.text),
            self._sounding(plain),
        )
        found = chain.from_iterable(islice(hits, _MOST_HITS) for hits in finders)
        hits = self._without_new_seats(folded.text, [hit for hit in found if not _is_torn(folded, *hit[:2])])
        return tuple(islice(self._mentions(folded.text, self._best_cut(hits)), _MOST_MENTIONS))

    def _mentions(self, text: str, hits: Sequence[tuple[int, int, str]]) -> Iterator[Mention]:
        end = 0
        for hit in hits:
            # What was the kind of the name before it (Guide xian) is not Xi'an as well.
            if hit[0] >= end:
                mention = self._mention(text, *hit)
                end = mention.end
                yield mention

    def _best_cut(self, hits: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """The hits that do not overlap and together read best: long names before short ones (眉山 东坡, not 山东)."""
        hits.sort(key=lambda hit: hit[1])
        ending = {hit[1]: hit[2] for hit in hits}
        ends = [hit[1] for hit in hits]
        scores, previous = [0.0], []
        for number, (start, end, name) in enumerate(hits):
            before = bisect_right(ends, start, 0, number)
            score = scores[before] + (end - start) ** 2 + self._rank(name) / 100 - (2 if is_sound(name) else 0)
            if start in ending and self._is_held(ending[start], name):
                score += 1
            previous.append(before if score > scores[-1] else -1)
            scores.append(max(score, scores[-1]))
        cut = []
        number = len(hits)
        while number:
            if previous[number - 1] < 0:
                number -= 1
            else:
                cut.append(hits[number - 1])
                number = previous[number - 1]
        return cut[::-1]

    def _without_new_seats(self, text: str, hits: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        if _NEW_SEAT not in text:
            return hits
        ending = {hit[1]: hit[2] for hit in hits}

        def is_a_seat(start: int, end: int, name: str) -> bool:
            seat = end - len(_COUNTY)
            if seat < start or not text.startswith(_NEW_SEAT, seat):
                return False
            return seat in ending and not self._is_held(ending[seat], name)

        return [hit for hit in hits if not is_a_seat(*hit)]

    def _is_held(self, outer: str, inner: str) -> bool:
        return any(self._names.holds(one, other) for one in self._meanings(outer) for other in self._meanings(inner))

    def _meanings(self, name: str) -> tuple[Sense, ...]:
        if is_sound(name):
            return tuple(self._names.sense_of(one.code, is_likely=one.is_nearest) for one in self._sounds.meant(name))
        return self._senses.get(name) or self._toneless.senses[name]

    def _written(self, plain: PlainText) -> Iterator[tuple[int, int, str]]:
        for last, length in self._automaton.iter(plain.text):
            start, end = last + 1 - length, last + 1
            if is_whole(plain.text, start, end):
                name = plain.text[start:end]
                last = plain.text[end : end + 1]
                whole = end + (bool(last) and last in self._names.dropped.get(name, ""))
                yield (*plain.span(start, whole), name)

    def _sounding(self, plain: PlainText) -> Iterator[tuple[int, int, str]]:
        if not _OTHER_SCRIPTS.search(plain.text):
            return
        heard = [((*plain.span(one.start, one.end), one.name), one.is_set_off) for one in self._sounds.find(plain.text)]
        written = [*islice(self._written(plain), _MOST_HITS)] if heard else []
        # Where the tables know a place of the text, sounds only add what lies in it, right beside it.
        is_known = any(not sense.is_abroad for hit in written for sense in self._meanings(hit[2]))
        known = [*written, *(hit for hit, is_set_off in heard if is_set_off and not is_known)]
        beside = {place: hit for hit in known for place in range(hit[0] - _BESIDE, hit[1] + _BESIDE)}
        for hit, is_set_off in heard:
            near = [beside[place] for place in (hit[0] - 1, hit[1]) if place in beside]
            near = [one for one in near if one[1] <= hit[0] or hit[1] <= one[0]]
            if (is_set_off and not is_known) or any(self._are_held(one[2], hit[2]) for one in near):
                yield hit

    def _are_held(self, one: str, other: str) -> bool:
        return self._is_held(one, other) or self._is_held(other, one)

    def _joined(self, text: str) -> Iterator[tuple[int, int, str]]:
        for run in _SYLLABLES.finditer(text):
            ends = [run.start() - 1, *(run.start() + gap.start() for gap in re.finditer(" ", run[0])), run.end()]
            for first in range(len(ends) - 2):
                for last in range(first + 2, min(first + _MOST_SYLLABLES, len(ends) - 1) + 1):
                    start, end = ends[first] + 1, ends[last]
                    name = text[start:end].replace(" ", "")
                    if len(name) >= _LEAST_JOINED and name in self._senses:
                        yield start, end, name

    def _mention(self, text: str, start: int, end: int, name: str) -> Mention:
        senses = self._meanings(name)
        kind = _LATIN_KIND.match(text, end) if name.isascii() and name.islower() else None
        if kind is None:
            if is_han(text[start]):
                return Mention(start, end, name, senses, self._is_before_a_town(text, end, senses))
            return Mention(start, end, name, self._kinds.narrowed(senses, text, start, end))
        fitting = tuple(sense for sense in senses if self._is_kind(sense, *_LATIN_KINDS[kind[1]]))
        return Mention(start, kind.end(), name, fitting or senses)

    def _is_before_a_town(self, text: str, end: int, senses: Sequence[Sense]) -> bool:
        codes = {sense.code for sense in senses}
        parts = (text[end : end + length] for length in (2, 3, 4))
        return any(codes.intersection(self._names.town_parts.get(part, ())) for part in parts)

    def _is_kind(self, sense: Sense, level: Level | None, ends: str) -> bool:
        area = self._areas.get(sense.code)
        return area is not None and level in (None, area.level) and area.name[-1] in ends

    def _rank(self, name: str) -> int:
        return max(sense.rank for sense in self._meanings(name))


def is_sound(name: str) -> bool:
    """Whether it is the name of something heard: it has capitals, as no folded text has."""
    return name[-1].isupper()


def has_gap(folded: Folded, place: int) -> bool:
    """Whether the writer left something between the folded characters place - 1 and place (both inside the text)."""
    return not 0 < place < len(folded.text) or place in folded.gaps


def _is_torn(folded: Folded, start: int, end: int) -> bool:
    """Whether a gap runs through the name without all of it being spelt out with gaps (云 南 is, 在云 南边 is not)."""
    if not is_han(folded.text[start]):
        return False
    gaps = [has_gap(folded, place) for place in range(start + 1, end)]
    if not any(gaps):
        return False
    return not (all(gaps) and has_gap(folded, start) and has_gap(folded, end))
