"""The pieces that the shapes of the rulebook's files are made of, and the check of a file against its shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from reports.values import UnitKind
from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.source import Step, Written, shown

ID = validate.Regexp(r"^[a-z][a-z0-9-]{0,59}$", error="an id of small letters, digits and hyphens")
WORDS = validate.Length(min=1, max=400, error="a sentence of 1 to 400 characters")
MOST_ROWS = 20_000


class Strict(Schema):
    """A table that has no keys but its own."""

    class Meta:
        """Any other key is a mistake."""

        unknown = RAISE


class Day(fields.Field[date]):
    """A date of TOML."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        if type(value) is not date:
            raise ValidationError("a date such as 2008-01-01, without quotes")
        return value


def sentence() -> fields.String:
    """Words that must be there."""
    return fields.String(required=True, validate=WORDS)


def codes() -> fields.List[str]:
    """A list of codes that is not empty."""
    return fields.List(fields.String(), validate=validate.Length(min=1, error="a list of at least 1 code in quotes"))


def kind() -> fields.Enum[UnitKind]:
    """A kind of unit that must be there."""
    return fields.Enum(UnitKind, by_value=True, required=True)


def rows(schema: type[Schema], required: bool = False) -> fields.List[Any]:
    """A list of tables."""
    length = validate.Length(min=1, max=MOST_ROWS, error=f"1 to {MOST_ROWS} rows")
    return fields.List(fields.Nested(schema), required=required, validate=length)


def checked(schema: Schema, source: Written) -> Any:
    """A file's tables in the schema's shape. Raises RulebookError naming every value that does not fit."""
    try:
        return schema.load(source.tables)
    except ValidationError as refusal:
        raise RulebookError(_faults(source, [], refusal.messages)) from None


def _faults(source: Written, steps: Sequence[Step], messages: Any) -> list[Fault]:
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


def _fault(source: Written, steps: Sequence[Step], message: str) -> Fault:
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
