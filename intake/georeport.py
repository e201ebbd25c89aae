"""The two languages of Open311 GeoReport v2: XML, and the JSON that the same values make.

A list of elements in XML is an array in JSON without its outer name (the specification's "Spark" convention).
XML is only ever written here, never read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring  # noqa: S405

from flask import Response

from intake.problems import Refused, with_headers

Value = str | int | bool | None | Mapping[str, "Value"] | Sequence["Value"]
# What an XML 1.0 document may not hold, in any spelling.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
XML, JSON = "xml", "json"
FORMATS = {XML: "text/xml", JSON: "application/json"}


def answer(form: str, root: str, item: str, values: Sequence[Value], status: int = 200) -> Response:
    """A list: <root><item>…</item></root>, or a JSON array."""
    if form == JSON:
        return _written(json.dumps(values, ensure_ascii=False), form, status)
    element = Element(root)
    for value in values:
        _add(element, item, value)
    return _written_xml(element, status)


def answer_one(form: str, root: str, value: Mapping[str, Value], status: int = 200) -> Response:
    """One thing: <root>…</root>, or a JSON object."""
    if form == JSON:
        return _written(json.dumps(value, ensure_ascii=False), form, status)
    element = Element(root)
    for name, inner in value.items():
        _add(element, name, inner)
    return _written_xml(element, status)


def errors(form: str, fault: Refused) -> Response:
    """A refusal as GeoReport v2 wants it: a list of codes with their descriptions."""
    said: Value = {"code": fault.status, "description": fault.detail}
    return with_headers(answer(form, "errors", "error", [said], fault.status), fault)


def format_of(path: str) -> str:
    """The language that an address asks for by its ending; XML, which every server must know, for any other."""
    return JSON if path.endswith(".json") else XML


# What one of each list is called: GeoReport v2 has no other lists inside its answers.
_ITEMS = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}


def _add(parent: Element, name: str, value: Value) -> None:
    element = SubElement(parent, name)
    if isinstance(value, Mapping):
        for inner, content in value.items():
            _add(element, inner, content)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif isinstance(value, str | int):
        element.text = _UNWRITABLE.sub("\ufffd", str(value))
    elif value is not None:
        for one in value:
            _add(element, _ITEMS[name], one)


def _written_xml(element: Element, status: int) -> Response:
    text = '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(element, encoding="unicode")
    return _written(text, XML, status)


def _written(text: str, form: str, status: int) -> Response:
    return Response(text, status=status, content_type=f"{FORMATS[form]}; charset=utf-8")
