"""The shape of rules.toml, of overlays, packets.toml and clocks.toml."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from reports.values import UnitKind, Urgency
from routing.rulebook.escalation import LADDERS, STEPS
from routing.rulebook.packets import MARKS, PACKET_FIELDS
from routing.rulebook.rules import HOPS, CopyRegion, LeadRegion, Track
from routing.rulebook.shapes import ID, WORDS, Day, Strict, codes, kind, rows, sentence

MINUTES = validate.Range(min=1, max=525_600, error="whole minutes from 1 to 525600")


def measures() -> fields.List[str]:
    """Lines of the Plan; the list may be empty."""
    return fields.List(fields.String(), required=True)


def hops() -> fields.Dict:
    """Minutes for some of the hops."""
    return fields.Dict(
        keys=fields.String(validate=validate.OneOf(HOPS, error=f"a hop: {', '.join(HOPS)}")),
        values=fields.Integer(strict=True, validate=MINUTES),
        required=True,
        validate=validate.Length(min=1, error="at least one hop"),
    )


class WhenSchema(Strict):
    """The `when` table of a row."""

    matters_any = codes()
    matters_all = codes()
    matters_none = codes()
    family_any = codes()
    family_none = codes()
    persons_any = codes()
    persons_none = codes()
    cues_any = codes()
    cues_none = codes()
    contact_any = codes()
    contact_none = codes()
    places_any = codes()
    places_none = codes()
    urgency = codes()
    reporter = codes()
    channel = codes()
    lead = codes()
    track = codes()
    hours = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=0, max=24, error="an hour from 0 to 24")),
        validate=validate.Length(equal=2, error="two hours, from and until, such as [22, 6]"),
    )


class _RowSchema(Strict):
    id = fields.String(required=True, validate=ID)
    when = fields.Nested(WhenSchema, required=True)
    valid_from = Day()
    valid_to = Day()
    replaces = fields.String()


class TrackSchema(_RowSchema):
    """A [[track]] row."""

    when = fields.Nested(WhenSchema)
    track = fields.Enum(Track, by_value=True, required=True)
    zh = sentence()
    en = sentence()


class LeadSchema(_RowSchema):
    """A [[lead]] row. In an overlay, before says which rule a new one stands before."""

    when = fields.Nested(WhenSchema)
    before = fields.String()
    to = kind()
    region = fields.Enum(LeadRegion, by_value=True, required=True)
    packet = fields.String(required=True)
    copies_only = fields.List(fields.String())
    measures = measures()
    source = fields.String(validate=WORDS)
    zh = sentence()
    en = sentence()


class CopySchema(_RowSchema):
    """A [[copy]] or [[link]] row."""

    to = kind()
    region = fields.Enum(CopyRegion, by_value=True, required=True)
    packet = fields.String(required=True)
    measures = measures()
    zh = sentence()
    en = sentence()


class CiteSchema(_RowSchema):
    """A [[cite]] row."""

    measures = fields.List(fields.String(), required=True, validate=validate.Length(min=1, error="at least one line"))


class ClockSchema(_RowSchema):
    """A [[clock]] row."""

    clocks = hops()
    source = sentence()
    zh = sentence()
    en = sentence()


class WithholdSchema(_RowSchema):
    """A [[withhold]] row."""

    from_kinds = fields.List(fields.Enum(UnitKind, by_value=True), required=True, data_key="from")
    fields_ = fields.List(fields.String(), required=True, data_key="fields", validate=validate.Length(min=1))
    review_hours = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=8760))
    zh = sentence()
    en = sentence()


class NoticeSchema(_RowSchema):
    """A [[notice]] row."""

    marks = fields.String(validate=validate.OneOf(MARKS, error=f"one of {', '.join(MARKS)}"))
    zh = sentence()
    en = sentence()


class TablesSchema(Strict):
    """The tables of rows, as an overlay has them."""

    track = rows(TrackSchema)
    lead = rows(LeadSchema)
    copy = rows(CopySchema)
    link = rows(CopySchema)
    cite = rows(CiteSchema)
    clock = rows(ClockSchema)
    withhold = rows(WithholdSchema)
    notice = rows(NoticeSchema)


class RulesSchema(TablesSchema):
    """rules.toml as a whole."""

    track = rows(TrackSchema, required=True)
    lead = rows(LeadSchema, required=True)


class DocumentSchema(Strict):
    """The [overlay] table: whose rules these are, by which document, and when it is in force."""

    id = fields.String(required=True, validate=ID)
    zh = sentence()
    en = sentence()
    document = sentence()
    source = sentence()
    areas = codes()
    valid_from = Day(required=True)
    valid_to = Day()


class OverlaySchema(TablesSchema):
    """A file of overlays/ as a whole."""

    overlay = fields.Nested(DocumentSchema, required=True)


class PacketSchema(Strict):
    """One packet of packets.toml."""

    zh = sentence()
    en = sentence()
    fields_ = fields.List(
        fields.String(validate=validate.OneOf(PACKET_FIELDS, error=f"one of {', '.join(PACKET_FIELDS)}")),
        required=True,
        data_key="fields",
    )


class PacketsSchema(Strict):
    """packets.toml as a whole."""

    packets = fields.Dict(keys=fields.String(validate=ID), values=fields.Nested(PacketSchema), required=True)
    # Rulebooks of before have none.
    made_to_do = fields.Dict(
        keys=fields.String(
            validate=validate.Regexp(r"^[a-z]{2,3}$", error="the ISO 639 code of a language, such as zh")
        ),
        values=fields.List(
            fields.String(validate=validate.Regexp(r"^\S.{0,38}\S$", error="a word or phrase of 2 to 40 characters")),
            validate=validate.Length(min=1, max=500, error="1 to 500 words in quotes"),
        ),
    )


_hop_fields: dict[str, fields.Field[Any]] = {
    hop: fields.Integer(required=True, strict=True, validate=MINUTES) for hop in HOPS
}
HopsSchema = Strict.from_dict(_hop_fields, name="HopsSchema")


class MinutesSchema(Strict):
    """Minutes of each hop, for each urgency."""

    immediate = fields.Nested(HopsSchema, required=True)
    urgent = fields.Nested(HopsSchema, required=True)
    standard = fields.Nested(HopsSchema, required=True)
    low = fields.Nested(HopsSchema, required=True)


_step_fields: dict[str, fields.Field[Any]] = {
    step: fields.Integer(required=True, strict=True, validate=MINUTES) for step in STEPS[1:]
}
StepMinutesSchema = Strict.from_dict(_step_fields, name="StepMinutesSchema")
_after_fields: dict[str, fields.Field[Any]] = {
    urgency.value: fields.Nested(StepMinutesSchema, required=True) for urgency in Urgency
}
AfterSchema = Strict.from_dict(_after_fields, name="AfterSchema")
_calendar_fields: dict[str, fields.Field[Any]] = {urgency.value: fields.String(required=True) for urgency in Urgency}
CalendarOfUrgencySchema = Strict.from_dict(_calendar_fields, name="CalendarOfUrgencySchema")
_ladder_fields: dict[str, fields.Field[Any]] = {
    ladder: fields.List(
        fields.String(validate=validate.OneOf(STEPS, error=f"a step: {', '.join(STEPS)}")),
        required=True,
        validate=validate.Length(min=1, error="at least one step"),
    )
    for ladder in LADDERS
}
LaddersSchema = Strict.from_dict(_ladder_fields, name="LaddersSchema")


class ClocksSchema(Strict):
    """clocks.toml as a whole; the worker processes read and check [machine] themselves."""

    minutes = fields.Nested(MinutesSchema, required=True)
    calendar = fields.Nested(CalendarOfUrgencySchema, required=True)
    steps = fields.Nested(LaddersSchema, required=True)
    after = fields.Nested(AfterSchema, required=True)
    machine = fields.Raw()
