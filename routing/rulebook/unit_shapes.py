"""The shape of units.toml."""

from __future__ import annotations

from marshmallow import fields, validate

from reports.values import UnitKind
from routing.areas import Level
from routing.rulebook.shapes import WORDS, Strict, kind, rows, sentence
from routing.rulebook.units import DELIVERIES


class OfficeSchema(Strict):
    """An [[office]] line."""

    kind = kind()
    levels = fields.List(
        fields.Enum(Level, by_value=True), required=True, validate=validate.Length(min=1, error="at least one level")
    )
    provinces = fields.List(fields.String())
    delivery = fields.String(required=True, validate=validate.OneOf(DELIVERIES, error=f"one of {DELIVERIES}"))
    zh = fields.Dict(keys=fields.String(), values=sentence(), required=True, validate=validate.Length(min=1))
    en = fields.Dict(keys=fields.String(), values=sentence(), required=True, validate=validate.Length(min=1))


class SingleUnitSchema(Strict):
    """A [[unit]] written out."""

    id = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^[a-z][a-z0-9_-]{0,39}$", error="an id of at most 40 small letters, digits, _ and -"
        ),
    )
    kind = kind()
    also = fields.List(fields.Enum(UnitKind, by_value=True))
    region = fields.String(required=True)
    delivery = fields.String(required=True, validate=validate.OneOf(DELIVERIES, error=f"one of {DELIVERIES}"))
    live = fields.Boolean(truthy={True}, falsy={False})
    zh = sentence()
    en = sentence()


class OverrideSchema(Strict):
    """An [[override]]."""

    unit = fields.String(required=True)
    answered_by = fields.String()
    delivery = fields.String(validate=validate.OneOf(DELIVERIES, error=f"one of {DELIVERIES}"))
    live = fields.Boolean(truthy={True}, falsy={False})
    zh = fields.String(validate=WORDS)
    en = fields.String(validate=WORDS)


class UnitsSchema(Strict):
    """units.toml as a whole."""

    office = rows(OfficeSchema, required=True)
    unit = rows(SingleUnitSchema, required=True)
    override = rows(OverrideSchema)
