"""The shape of the Plan's files: members.toml, and one file for each edition."""

from __future__ import annotations

from marshmallow import fields, validate

from reports.values import UnitKind
from routing.rulebook.shapes import Day, Strict, rows, sentence


class MemberSchema(Strict):
    """One body under one name."""

    zh = sentence()
    en = sentence()
    kind = fields.Enum(UnitKind, by_value=True)
    member = fields.Boolean(truthy={True}, falsy={False})
    valid_from = Day()
    valid_to = Day()
    successor = fields.String()


class MembersSchema(Strict):
    """members.toml as a whole."""

    members = fields.Dict(keys=fields.String(), values=fields.Nested(MemberSchema), required=True)


class EditionSchema(Strict):
    """The [edition] table of a plan."""

    id = fields.String(required=True, validate=validate.Regexp(r"^\d{4}-\d{4}$", error="two years, such as 2008-2012"))
    zh = sentence()
    en = sentence()
    document = sentence()
    source = sentence()
    valid_from = Day(required=True)
    valid_to = Day(required=True)


class MeasureSchema(Strict):
    """A [[measure]]: one line of the Plan."""

    id = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^(\d{4}-\d{4}/)?\d\.\d\.\d(-\d)?$", error="an id such as 4.3.2-2, or 2021-2030/2.1.1 in a later edition"
        ),
    )
    zh = sentence()
    en = sentence()
    responsible = fields.List(fields.String(), required=True)
    cooperating = fields.List(fields.String(), required=True)
    continues = fields.List(fields.String())


class GapSchema(Strict):
    """A [[gap]]: what the file does not have."""

    zh = sentence()
    en = sentence()


class PlanSchema(Strict):
    """A plan's file as a whole."""

    edition = fields.Nested(EditionSchema, required=True)
    measure = rows(MeasureSchema, required=True)
    gap = rows(GapSchema)
