"""The nouns of the hotline as plain, frozen values, shared by every package.

The codes of the label axes (matters, persons, contact ...) are defined by `config/taxonomy.toml`; they travel as
plain strings here so that the taxonomy can grow without a programmer. Only words that code itself depends on are enums.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Channel(StrEnum):
    """The door a report came through."""

    SMS = "sms"
    VOICE = "voice"
    WEB = "web"
    API = "api"


class Urgency(StrEnum):
    """How soon someone must act; taxonomy axis 2. The order is `rank`: 0 is the most urgent."""

    IMMEDIATE = "immediate"
    URGENT = "urgent"
    STANDARD = "standard"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for immediate to 3 for low, so that a queue sorts by it."""
        return list(Urgency).index(self)

    @classmethod
    def from_rank(cls, rank: int) -> Urgency:
        """The urgency stored as `rank`. Raises IndexError for a rank outside 0 to 3."""
        return list(cls)[rank]


class PlaceRole(StrEnum):
    """What a place is to the report; taxonomy axis 5."""

    OCCURRENCE = "occurrence"
    ORIGIN = "origin"
    TRANSIT = "transit"
    DESTINATION = "destination"


class UnitKind(StrEnum):
    """The kinds of unit a report can be sent to, and the two that hold it here."""

    PUBLIC_SECURITY = "public_security"
    CIVIL_AFFAIRS = "civil_affairs"
    LABOUR = "labour"
    HEALTH = "health"
    EDUCATION = "education"
    JUSTICE = "justice"
    WOMENS_FEDERATION = "womens_federation"
    TRADE_UNION = "trade_union"
    YOUTH_LEAGUE = "youth_league"
    MARKET_REGULATION = "market_regulation"
    FOREIGN_AFFAIRS = "foreign_affairs"
    BORDER_DEFENCE = "border_defence"
    TRANSPORT = "transport"
    JOINT_CONFERENCE_OFFICE = "joint_conference_office"
    DUTY_DESK = "duty_desk"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, kw_only=True)
class Place:
    """One place of the report.

    code is a six-digit GB/T 2260 code, or an ISO 3166 alpha-2 code abroad. start and end are character offsets into the
    original text (0 and 0 where a label has no span). candidates holds the codes an ambiguous name could mean; then
    code is their nearest common parent, or an empty string where they have none in common.
    """

    code: str
    role: PlaceRole
    start: int = 0
    end: int = 0
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The words that speak for one label: character offsets start (inclusive) and end (exclusive) into the original.

    axis is matters, urgency, persons, reporter, places, contact or cues; code is the label on that axis. message is the
    id of the message whose words they count in, as a kept finding has it; '' where they count in the whole.
    """

    axis: str
    code: str
    start: int
    end: int
    message: str = ""


class DimensionState(StrEnum):
    """Whether a text shows one dimension of trafficking."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    NOT_TOLD = "not_told"


@dataclass(frozen=True)
class Dimension:
    """One dimension of the ILO's operational indicators or one element of the Palermo Protocol, and its state.

    indicators are those of the ILO that the text shows, in the order of the list. All codes are those of
    `config/dimensions.toml`.
    """

    code: str
    state: DimensionState
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What a report is about, on the six axes of the taxonomy, plus cues.

    cues are circumstances that only some copies depend on (an injury, a request for legal help, a station);
    `config/taxonomy.toml` lists them.
    """

    matters: tuple[str, ...]
    urgency: Urgency
    persons: tuple[str, ...] = ()
    reporter: str = "unknown"
    places: tuple[Place, ...] = ()
    contact: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the reader thinks a text says, with the words that made it think so.

    confidence is 0 to 1 and only ranks findings; it is not a probability. needs_person is true where evidence is weak
    or contradicts itself, and doubts then says why, in codes listed in `config/taxonomy.toml`.
    band says in words how far the lead is to be trusted, question what to ask next ("" for nothing); both are codes of
    `config/taxonomy.toml`. reader is the fingerprint of the indicators and model that made the finding;
    without_sentences is true where that was done without the sentence model, and so is less often right.
    """

    labels: Labels
    language: str
    confidence: float
    needs_person: bool
    doubts: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reader: str = ""
    band: str = ""
    dimensions: tuple[Dimension, ...] = ()
    question: str = ""
    without_sentences: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"confidence must be between 0 and 1, got {self.confidence!r}")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything a rule may ask about: the labels and a few circumstances. Nothing else reaches the rulebook.

    received_at is an ISO 8601 date and time with its offset from UTC.
    """

    labels: Labels
    channel: Channel
    received_at: str
    needs_person: bool = False
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Copied:
    """A unit told beside the lead unit, and the fields its packet may hold. why names the row that copies it.

    part is copy, or link for one told only that the case touches its area.
    """

    kind: UnitKind
    region: str
    unit: str
    fields: tuple[str, ...]
    why: str
    part: str = "copy"


@dataclass(frozen=True, kw_only=True)
class Withheld:
    """Something kept back on purpose: which fields of a packet, from which unit, by which row of the rulebook, why in
    both languages, and when (ISO 8601) it is looked at again."""

    from_whom: str
    fields: tuple[str, ...]
    rule: str
    why_zh: str
    why_en: str
    review_at: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who answers a report, and why.

    lead_unit is a unit id of the directory; lead_region is None where the duty desk or quarantine holds the report.
    clocks maps each hop to minutes. matched names the facts the rule matched on. why_zh and why_en are one sentence
    each, naming the rule and the Plan's line. rulebook is the SHA-256 of the tables that decided. marks are fields of
    packets that are set for this report, such as non_punishment. track is whose consent it goes by. recused is the
    area of the unit complained of, '' where none is or only a larger area is known.
    """

    lead_kind: UnitKind
    lead_region: str | None
    lead_unit: str
    lead_fields: tuple[str, ...]
    copies: tuple[Copied, ...]
    rule: str
    measures: tuple[str, ...]
    rulebook: str
    why_zh: str
    why_en: str
    clocks: dict[str, int] = field(default_factory=dict)
    matched: tuple[tuple[str, str], ...] = ()
    marks: tuple[str, ...] = ()
    track: str = ""
    recused: str = ""
    withheld: tuple[Withheld, ...] = ()
