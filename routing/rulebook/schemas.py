"""The shape of the rulebook's tables. What the values mean together is checked in `load.py` and `coverage.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from reports.values import UnitKind
from routing.areas import Level
from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.rules import CopyRegion, LeadRegion
from routing.rulebook.source import Source, Step, shown
from routing.rulebook.units import DELIVERIES

HOPS = ("desk", "delivery", "acceptance", "first_action", "feedback")
# The fields a packet may hold at all; the packet builder knows how to fill them. Marks are set by notices.
MARKS = ("non_punishment", "outside_plan_scope")
PACKET_FIELDS = (
    "reference",
    "received_at",
    "urgency",
    "matters",
    "persons",
    "reporter",
    "places",
    "language",
    "text",
    "reporter_name",
    "reporter_contact",
    "contact_wishes",
    "why",
    "measures",
    "lead_unit",
    *MARKS,
)
_ID = validate.Regexp(r"^[a-z][a-z0-9-]{0,63}$", error="an id of small letters, digits and hyphens")
_WORDS = validate.Length(min=1, max=400, error="a sentence of 1 to 400 characters")
_MINUTES = validate.Range(min=1, max=525_600, error="whole minutes from 1 to 525600")


class _Day(fields.Field[date]):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        if type(value) is not date:
            raise ValidationError("a date such as 2008-01-01, without quotes")
        return value


class _Strict(Schema):
    class Meta:
        unknown = RAISE


def _text() -> fields.String:
    return fields.String(required=True, validate=_WORDS)


def _codes(at_least: int = 1) -> fields.List[str]:
    wanted = f"a list of at least {at_least} code in quotes"
    return fields.List(fields.String(), validate=validate.Length(min=at_least, error=wanted))


def _kind() -> fields.Enum[UnitKind]:
    return fields.Enum(UnitKind, by_value=True, required=True)


def _measures() -> fields.List[str]:
    return fields.List(fields.String(), required=True)


class WhenSchema(_Strict):
    """The `when` table of a row."""

    matters_any = _codes()
    matters_all = _codes()
    matters_none = _codes()
    family_any = _codes()
    family_none = _codes()
    persons_any = _codes()
    persons_none = _codes()
    cues_any = _codes()
    cues_none = _codes()
    contact_any = _codes()
    contact_none = _codes()
    places_any = _codes()
    places_none = _codes()
    urgency = _codes()
    reporter = _codes()
    channel = _codes()
    lead = _codes()
    hours = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=0, max=24, error="an hour from 0 to 24")),
        validate=validate.Length(equal=2, error="two hours, from and until, such as [22, 6]"),
    )


class _RowSchema(_Strict):
    id = fields.String(required=True, validate=_ID)
    when = fields.Nested(WhenSchema)


class LeadSchema(_RowSchema):
    """A [[lead]] row."""

    to = _kind()
    region = fields.Enum(LeadRegion, by_value=True, required=True)
    packet = fields.String(required=True)
    copies_only = fields.List(fields.String())
    clocks = fields.Dict(
        keys=fields.String(validate=validate.OneOf(HOPS, error=f"a hop: {', '.join(HOPS)}")),
        values=fields.Integer(strict=True, validate=_MINUTES),
    )
    measures = _measures()
    source = fields.String(validate=_WORDS)
    zh = _text()
    en = _text()


class CopySchema(_RowSchema):
    """A [[copy]] row."""

    when = fields.Nested(WhenSchema, required=True)
    to = _kind()
    region = fields.Enum(CopyRegion, by_value=True, required=True)
    packet = fields.String(required=True)
    measures = _measures()
    zh = _text()
    en = _text()


class CiteSchema(_RowSchema):
    """A [[cite]] row."""

    when = fields.Nested(WhenSchema, required=True)
    measures = fields.List(fields.String(), required=True, validate=validate.Length(min=1, error="at least one line"))


class WithholdSchema(_RowSchema):
    """A [[withhold]] row."""

    when = fields.Nested(WhenSchema, required=True)
    from_kinds = fields.List(fields.Enum(UnitKind, by_value=True), required=True, data_key="from")
    fields_ = fields.List(fields.String(), required=True, data_key="fields", validate=validate.Length(min=1))
    review_hours = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=8760))
    zh = _text()
    en = _text()


class NoticeSchema(_RowSchema):
    """A [[notice]] row."""

    when = fields.Nested(WhenSchema, required=True)
    marks = fields.String(validate=validate.OneOf(MARKS, error=f"one of {', '.join(MARKS)}"))
    zh = _text()
    en = _text()


def _rows(schema: type[Schema], required: bool = False) -> fields.List[Any]:
    length = validate.Length(min=1, max=20_000, error="1 to 20000 rows")
    return fields.List(fields.Nested(schema), required=required, validate=length)


class RulesSchema(_Strict):
    """rules.toml as a whole."""

    lead = _rows(LeadSchema, required=True)
    copy = _rows(CopySchema)
    cite = _rows(CiteSchema)
    withhold = _rows(WithholdSchema)
    notice = _rows(NoticeSchema)


class PacketSchema(_Strict):
    """One packet of packets.toml."""

    zh = _text()
    en = _text()
    fields_ = fields.List(
        fields.String(validate=validate.OneOf(PACKET_FIELDS, error=f"one of {', '.join(PACKET_FIELDS)}")),
        required=True,
        data_key="fields",
    )


class PacketsSchema(_Strict):
    """packets.toml as a whole."""

    packets = fields.Dict(keys=fields.String(validate=_ID), values=fields.Nested(PacketSchema), required=True)


_hop_fields: dict[str, fields.Field[Any]] = {
    hop: fields.Integer(required=True, strict=True, validate=_MINUTES) for hop in HOPS
}
HopsSchema = _Strict.from_dict(_hop_fields, name="HopsSchema")


class MinutesSchema(_Strict):
    """Minutes of each hop, for each urgency."""

    immediate = fields.Nested(HopsSchema, required=True)
    urgent = fields.Nested(HopsSchema, required=True)
    standard = fields.Nested(HopsSchema, required=True)
    low = fields.Nested(HopsSchema, required=True)


class ClocksSchema(_Strict):
    """clocks.toml as a whole; the worker processes read and check [machine] themselves."""

    minutes = fields.Nested(MinutesSchema, required=True)
    machine = fields.Raw()


class OfficeSchema(_Strict):
    """An [[office]] line."""

    kind = _kind()
    levels = fields.List(
        fields.Enum(Level, by_value=True), required=True, validate=validate.Length(min=1, error="at least one level")
    )
    provinces = fields.List(fields.String())
    delivery = fields.String(required=True, validate=validate.OneOf(DELIVERIES, error=f"one of {DELIVERIES}"))
    zh = fields.Dict(keys=fields.String(), values=_text(), required=True, validate=validate.Length(min=1))
    en = fields.Dict(keys=fields.String(), values=_text(), required=True, validate=validate.Length(min=1))


class SingleUnitSchema(_Strict):
    """A [[unit]] written out."""

    id = fields.String(required=True)
    kind = _kind()
    also = fields.List(fields.Enum(UnitKind, by_value=True))
    region = fields.String(required=True)
    delivery = fields.String(required=True, validate=validate.OneOf(DELIVERIES, error=f"one of {DELIVERIES}"))
    live = fields.Boolean(truthy={True}, falsy={False})
    zh = _text()
    en = _text()


class OverrideSchema(_Strict):
    """An [[override]]."""

    unit = fields.String(required=True)
    delivery = fields.String(validate=validate.OneOf(DELIVERIES, error=f"one of {DELIVERIES}"))
    live = fields.Boolean(truthy={True}, falsy={False})
    zh = fields.String(validate=_WORDS)
    en = fields.String(validate=_WORDS)


class UnitsSchema(_Strict):
    """units.toml as a whole."""

    office = _rows(OfficeSchema, required=True)
    unit = _rows(SingleUnitSchema, required=True)
    override = _rows(OverrideSchema)


class EditionSchema(_Strict):
    """The [edition] table of a plan."""

    id = fields.String(required=True)
    zh = _text()
    en = _text()
    document = _text()
    valid_from = _Day(required=True)
    valid_to = _Day(required=True)


class MemberSchema(_Strict):
    """One unit the Plan names."""

    zh = _text()
    en = _text()
    kind = fields.Enum(UnitKind, by_value=True)
    member = fields.Boolean(truthy={True}, falsy={False})


class MeasureSchema(_Strict):
    """A [[measure]]: one line of the Plan."""

    id = fields.String(required=True, validate=validate.Regexp(r"^4\.\d\.\d(-\d)?$", error="an id such as 4.3.2-2"))
    zh = _text()
    en = _text()
    responsible = fields.List(fields.String(), required=True)
    cooperating = fields.List(fields.String(), required=True)


class PlanSchema(_Strict):
    """plan.toml as a whole."""

    edition = fields.Nested(EditionSchema, required=True)
    units = fields.Dict(keys=fields.String(), values=fields.Nested(MemberSchema), required=True)
    measure = _rows(MeasureSchema, required=True)


def checked(schema: Schema, source: Source) -> Any:
    """A file's tables in the schema's shape. Raises RulebookError naming every value that does not fit."""
    try:
        return schema.load(source.tables)
    except ValidationError as refusal:
        raise RulebookError(_faults(source, [], refusal.messages)) from None


def _faults(source: Source, steps: Sequence[Step], messages: Any) -> list[Fault]:
    if not isinstance(messages, dict):
        found = [str(message) for message in (messages if isinstance(messages, list) else [messages])]
        return [_fault(source, steps, message) for message in found]
    faults: list[Fault] = []
    for step, inner in messages.items():
        # marshmallow says of a dictionary's entry whether its key or its value is wrong; a reader sees one entry.
        deeper = steps if step in ("_schema", "key", "value") and _is_wrapper(step, messages) else [*steps, step]
        faults += _faults(source, deeper, inner)
    return faults


def _is_wrapper(step: Step, messages: Mapping[Step, Any]) -> bool:
    return step == "_schema" or set(messages) <= {"key", "value"}


def _fault(source: Source, steps: Sequence[Step], message: str) -> Fault:
    value: Any = source.tables
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return source.fault(steps, wanted=_wanted(message), came="nothing")
    if message == "Unknown field.":
        remedy = "Check its spelling, or take it out; docs/rules.md lists the keys."
        return source.fault(steps, wanted="only keys that this table has", came=f"the key {steps[-1]!r}", remedy=remedy)
    return source.fault(steps, wanted=_wanted(message), came=shown(value))


_PLAIN_WORDS = {
    "Missing data for required field.": "this key",
    "Not a valid string.": "words in quotes",
    "Not a valid list.": "a list in square brackets",
    "Not a valid integer.": "a whole number without quotes",
    "Not a valid boolean.": "true or false",
    "Not a valid mapping type.": "a table",
    "Invalid input type.": "a table",
    "Field may not be null.": "a value",
    "Unknown field.": "a key that this table has",
}


def _wanted(message: str) -> str:
    plain = _PLAIN_WORDS.get(message)
    return plain or message.rstrip(".").replace("Must be one of:", "one of")
