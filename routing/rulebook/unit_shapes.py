"""The shape of units.toml."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import ValidationError, fields, validate

from reports.values import UnitKind
from routing.areas import Level
from routing.rulebook.addresses import MAIL, MOBILE, TELEPHONE, network_problem
from routing.rulebook.hours import Hours
from routing.rulebook.shapes import WORDS, Strict, codes, kind, rows, sentence
from routing.rulebook.ways import LAST, WAYS, WITH_ADDRESS

_CODE = validate.Regexp(r"^[a-z][a-z_]{0,39}$", error="a name of small letters and _")
_LANGUAGE = validate.Regexp(r"^[a-z]{2,3}$", error="the ISO 639 code of a language, such as zh")
# A Chinese text message holds seventy characters.
_NOTICE = validate.Length(min=1, max=70, error="a sentence of 1 to 70 characters")


class HoursField(fields.Field[Hours]):
    """A list of days and hours."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Hours:
        if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
            raise ValidationError('a list of hours in quotes, such as ["mon-fri 08:30-12:00"]')
        try:
            return Hours.read(value)
        except ValueError as fault:
            raise ValidationError(str(fault)) from None


def _in_order(ways: Sequence[str]) -> None:
    if len(set(ways)) != len(ways):
        raise ValidationError("each way once")
    early = [way for way in ways[:-1] if way in LAST]
    if early:
        raise ValidationError(f"no way after {early[0]}, which always succeeds")


def _network(written: str) -> None:
    if problem := network_problem(written):
        raise ValidationError(problem)


def _ways(choice: Sequence[str], required: bool = False) -> fields.List[str]:
    """The ways a unit is told, in the order in which they are tried."""
    one = fields.String(validate=validate.OneOf(choice, error=f"one of {', '.join(choice)}"))
    length = validate.Length(min=1, error="at least one way")
    return fields.List(one, required=required, validate=[length, _in_order])


class PresenceSchema(Strict):
    """When a unit is there, in which languages, and for whom."""

    hours = HoursField()
    languages = fields.List(fields.String(validate=_LANGUAGE), validate=validate.Length(min=1, error="a language"))
    serves = codes()


class ReachSchema(PresenceSchema):
    """The same, and where one unit is reached."""

    webhook = fields.String()
    private_network = fields.String(validate=_network)
    mail = fields.String(validate=validate.Regexp(rf"^{MAIL}\Z", error="a mail address such as desk@example.cn"))
    sms = fields.String(validate=validate.Regexp(rf"^{MOBILE}\Z", error="a number such as +8613800000000"))
    telephone = fields.String(
        validate=validate.Regexp(rf"^{TELEPHONE}\Z", error="a telephone number: digits, +, -, spaces and brackets")
    )
    deputy_mail = fields.String(
        validate=validate.Regexp(rf"^{MAIL}\Z", error="a mail address such as deputy@example.cn")
    )
    deputy_sms = fields.String(validate=validate.Regexp(rf"^{MOBILE}\Z", error="a number such as +8613800000000"))
    live = fields.Boolean(truthy={True}, falsy={False})


class OfficeSchema(PresenceSchema):
    """An [[office]] line. Its units have no addresses, so they are told in ways that need none."""

    kind = kind()
    levels = fields.List(
        fields.Enum(Level, by_value=True), required=True, validate=validate.Length(min=1, error="at least one level")
    )
    provinces = fields.List(fields.String())
    delivery = _ways(tuple(way for way in WAYS if way not in WITH_ADDRESS), required=True)
    zh = fields.Dict(keys=fields.String(), values=sentence(), required=True, validate=validate.Length(min=1))
    en = fields.Dict(keys=fields.String(), values=sentence(), required=True, validate=validate.Length(min=1))


class SingleUnitSchema(ReachSchema):
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
    delivery = _ways(WAYS, required=True)
    zh = sentence()
    en = sentence()


class OverrideSchema(ReachSchema):
    """An [[override]], or a line of units.csv."""

    unit = fields.String(required=True)
    answered_by = fields.String()
    delivery = _ways(WAYS)
    zh = fields.String(validate=WORDS)
    en = fields.String(validate=WORDS)


class OverridesSchema(Strict):
    """The overrides of units.csv."""

    override = rows(OverrideSchema)


class GroupSchema(Strict):
    """A group of people that a unit may serve or not."""

    zh = sentence()
    en = sentence()
    persons = fields.List(
        fields.String(), required=True, validate=validate.Length(min=1, error="a list of at least 1 code in quotes")
    )


class RetrySchema(Strict):
    """How often a way is tried, and its pauses."""

    tries = fields.Integer(required=True, strict=True, validate=validate.Range(1, 1000, error="1 to 1000 tries"))
    pause_seconds = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 86_400, error="1 to 86400 seconds")
    )


class NoticeSchema(Strict):
    """What mail and text messages say: that a packet waits, and nothing about it."""

    zh = fields.String(required=True, validate=_NOTICE)
    en = fields.String(required=True, validate=_NOTICE)
    # What a deputy is told; the same where nothing else is said.
    deputy_zh = fields.String(validate=_NOTICE)
    deputy_en = fields.String(validate=_NOTICE)


_retry_fields: dict[str, fields.Field[Any]] = {
    way: fields.Nested(RetrySchema, required=True) for way in WAYS if way not in LAST
}
RetriesSchema = Strict.from_dict(_retry_fields, name="RetriesSchema")


class UnitsSchema(Strict):
    """units.toml as a whole."""

    served = fields.Dict(keys=fields.String(validate=_CODE), values=fields.Nested(GroupSchema), required=True)
    retry = fields.Nested(RetriesSchema, required=True)
    notice = fields.Nested(NoticeSchema, required=True)
    office = rows(OfficeSchema, required=True)
    unit = rows(SingleUnitSchema, required=True)
    override = rows(OverrideSchema)
