"""The directory of units: which offices exist where, and who answers where one does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from reports.values import UnitKind
from routing.areas import NATION, OUTSIDE_MAINLAND, Area, AreaTree, Level
from routing.rulebook.errors import Origin
from routing.rulebook.hours import Hours
from routing.rulebook.unit_names import unit_name
from routing.rulebook.ways import INBOX, Terms


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One office. region is its area's code, 000000 for a national desk, '' for the duty desk and quarantine.

    Where answered_by names another unit, that one answers for it. A unit that is not live is passed over, and the next
    level up answers. delivery are the ways it is told, in the order in which they are tried. languages and serves are
    codes; where they are empty, nobody has said. webhook, mail, sms and telephone are addresses, '' for none;
    private_network is where the webhook lies, '' for the public network. deputy_mail and deputy_sms reach whoever is in
    charge that day, when the unit itself stays silent.
    """

    id: str
    kind: UnitKind
    region: str
    zh: str
    en: str
    delivery: tuple[str, ...] = (INBOX,)
    live: bool = True
    answered_by: str = ""
    hours: Hours = field(default_factory=Hours)
    languages: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    webhook: str = ""
    private_network: str = ""
    mail: str = ""
    sms: str = ""
    telephone: str = ""
    deputy_mail: str = ""
    deputy_sms: str = ""

    def as_deputy(self) -> Unit:
        """The same with the deputy's addresses in the place of the unit's own."""
        return replace(self, mail=self.deputy_mail, sms=self.deputy_sms)


@dataclass(frozen=True, kw_only=True)
class Office:
    """A line of units.toml that makes one unit of a kind for every area of its levels, or of some provinces' only."""

    kind: UnitKind
    levels: frozenset[Level]
    provinces: frozenset[str]
    zh: Mapping[str, str]
    en: Mapping[str, str]
    delivery: tuple[str, ...]
    hours: Hours
    languages: tuple[str, ...]
    serves: tuple[str, ...]
    origin: Origin

    def exists_in(self, area: Area, areas: AreaTree) -> bool:
        """Whether the office has a unit for this area. There are none outside the mainland."""
        province = areas.ancestors(area.code)[-1:] or ("",)
        if area.level not in self.levels or province[0] in OUTSIDE_MAINLAND:
            return False
        return not self.provinces or province[0] in self.provinces


@dataclass(frozen=True, kw_only=True)
class Override:
    """What one unit has that its office line does not say; None leaves it as it is."""

    delivery: tuple[str, ...] | None = None
    live: bool | None = None
    answered_by: str | None = None
    zh: str | None = None
    en: str | None = None
    hours: Hours | None = None
    languages: tuple[str, ...] | None = None
    serves: tuple[str, ...] | None = None
    webhook: str | None = None
    private_network: str | None = None
    mail: str | None = None
    sms: str | None = None
    telephone: str | None = None
    deputy_mail: str | None = None
    deputy_sms: str | None = None

    def applied_to(self, unit: Unit) -> Unit:
        """The unit with these changes."""
        changes = {name: value for name, value in vars(self).items() if value is not None}
        return replace(unit, **changes)


class UnitDirectory:
    """All units, made when they are asked for: some forty thousand, of which a process ever sees a few."""

    def __init__(
        self,
        areas: AreaTree,
        offices: Sequence[Office],
        single: Sequence[tuple[Unit, frozenset[UnitKind]]],
        overrides: Mapping[str, Override],
        terms: Terms,
        origins: Mapping[str, Origin],
    ) -> None:
        """origins says where each unit that has lines of its own is written."""
        self._areas, self._overrides = areas, overrides
        self.terms, self.origins, self.offices = terms, origins, tuple(offices)
        self._offices: dict[UnitKind, list[Office]] = {}
        for office in offices:
            self._offices.setdefault(office.kind, []).append(office)
        self._single = {unit.id: self._changed(unit) for unit, _ in single}
        # A national desk may answer for other kinds beside its own.
        self._national = {
            kind: unit.id
            for unit, kinds in sorted(single, key=lambda one: len(one[1]), reverse=True)
            for kind in kinds
            if unit.region in (NATION, "")
        }
        self._made: dict[str, Unit | None] = {}
        self._found: dict[tuple[UnitKind, str], Unit | None] = {}

    def find(self, kind: UnitKind, region: str) -> Unit | None:
        """The live unit of a kind for an area: its own, or its city's, its province's, the nation's. None if none."""
        key = (kind, region)
        if key not in self._found:
            answering = (self._answering(unit) for unit in self._upwards(kind, region))
            self._found[key] = next((unit for unit in answering if unit is not None and unit.live), None)
        return self._found[key]

    def get(self, unit_id: str) -> Unit | None:
        """The unit of this id, live or not; None if the directory has none."""
        if unit_id not in self._made:
            self._made[unit_id] = self._make(unit_id)
        return self._made[unit_id]

    def recipient(self, unit_id: str) -> Unit:
        """The unit of this id. One that the directory no longer has gets what it was sent in the inbox it had."""
        unit = self.get(unit_id)
        return unit or Unit(id=unit_id, kind=UnitKind.DUTY_DESK, region="", zh=unit_id, en=unit_id)

    def above(self, unit: Unit) -> tuple[Unit, ...]:
        """The live units of the same kind further up, the next one first."""
        higher = (self._answering(one) for one in self._upwards(unit.kind, unit.region) if one.id != unit.id)
        return tuple(one for one in higher if one is not None and one.live and one.id != unit.id)

    def name(self, unit_id: str, language: str) -> str:
        """What a unit is called in "zh" or "en"; the id itself where the directory has no such unit."""
        unit = self.get(unit_id)
        if unit is None:
            return unit_id
        return unit.zh if language == "zh" else unit.en

    def kinds(self) -> frozenset[UnitKind]:
        """The kinds that have at least one unit."""
        return frozenset(self._offices) | frozenset(self._national)

    def kinds_of(self, unit: Unit) -> frozenset[UnitKind]:
        """The unit's own kind, and those that a national desk answers for beside it."""
        return frozenset([unit.kind, *(kind for kind, id in self._national.items() if id == unit.id)])

    def written_out(self) -> tuple[Unit, ...]:
        """The units that have a [[unit]] or an [[override]] of their own."""
        changed = (self.get(id) for id in self._overrides if id not in self._single)
        return (*self._single.values(), *(unit for unit in changed if unit is not None))

    def count(self) -> int:
        """How many units there are."""
        made = sum(
            any(office.exists_in(area, self._areas) for office in offices)
            for offices in self._offices.values()
            for area in self._areas.current()
        )
        return made + len(self._single)

    def _upwards(self, kind: UnitKind, region: str) -> list[Unit]:
        ids = [f"{kind.value}-{code}" for code in self._areas.ancestors(region)]
        if kind in self._national:
            ids.append(self._national[kind])
        return [unit for unit in map(self.get, ids) if unit is not None]

    def _answering(self, unit: Unit) -> Unit | None:
        """The unit that answers for this one. Reading the directory has made sure that the way ends."""
        here: Unit | None = unit
        while here is not None and here.answered_by:
            here = self.get(here.answered_by)
        return here

    def _make(self, unit_id: str) -> Unit | None:
        if unit_id in self._single:
            return self._single[unit_id]
        kind, _, region = unit_id.partition("-")
        area = self._areas.get(region)
        if kind not in list(UnitKind) or area is None or area.valid_to is not None:
            return None
        for office in self._offices.get(UnitKind(kind), ()):
            if office.exists_in(area, self._areas):
                return self._changed(self._unit(office, unit_id, area))
        return None

    def _unit(self, office: Office, unit_id: str, area: Area) -> Unit:
        return Unit(
            id=unit_id,
            kind=office.kind,
            region=area.code,
            zh=unit_name(office.zh, area, self._areas, "zh"),
            en=unit_name(office.en, area, self._areas, "en"),
            delivery=office.delivery,
            hours=office.hours,
            languages=office.languages,
            serves=office.serves,
        )

    def _changed(self, unit: Unit) -> Unit:
        override = self._overrides.get(unit.id)
        return override.applied_to(unit) if override else unit
