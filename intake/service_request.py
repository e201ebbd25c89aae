"""One service request of a city platform, read into a report. Nothing is refused for what it says or leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from intake.form_body import Form
from intake.schemas import CONTACT_WISHES, told_flags
from intake.service_catalogue import Service, ServiceCatalogue
from reports.content import Content, NewReport, keepable
from reports.partners import Partner
from reports.values import Channel

# What is kept beside the text for the officer, as the platform named it. Coordinates are WGS 84, as text: the hotline
# has no map to find an area by, so the address and the text say where it is.
_PARTICULARS = ("lat", "long", "address_id", "media_url")


def service_report(
    form: Form, service: Service, catalogue: ServiceCatalogue, partner: Partner, source_id: str, raw: bytes
) -> NewReport:
    """The report in one service request's fields."""
    values = {name: keepable(value).strip() for name, value in form.first().items()}
    text = "\n".join(_said(form, values, catalogue))
    place = values.get("address_string", "")
    content = Content(
        text=text,
        place=place,
        name=_joined(values, " ", "last_name", "first_name"),
        contact=_joined(values, ", ", "phone", "email", "account_id"),
        wishes=tuple(wish for wish in CONTACT_WISHES if wish in _answers(form, "wishes")),
        in_danger="now" in _answers(form, "danger"),
        suggested=service.matters,
        particulars=tuple((name, values[name]) for name in _PARTICULARS if values.get(name)),
    )
    return NewReport(
        channel=Channel.API,
        source=partner.source,
        source_id=source_id,
        content=content,
        raw=raw,
        flags=told_flags(text, has_more=bool(place or content.particulars)),
        partner=partner.id,
        service=service.code,
    )


def _said(form: Form, values: dict[str, str], catalogue: ServiceCatalogue) -> Iterator[str]:
    """What the reporter wrote: the description, and each answer in words of their own under its question."""
    if values.get("description"):
        yield values["description"]
    for attribute in catalogue.attributes:
        if not attribute.values:
            yield from _answers(form, attribute.code)


def _answers(form: Form, code: str) -> tuple[str, ...]:
    """What was answered: attribute[code]=… or, where several may be chosen, attribute[code][]=…"""
    given = (*form.all(f"attribute[{code}]"), *form.all(f"attribute[{code}][]"))
    return tuple(kept for kept in (keepable(answer).strip() for answer in given) if kept)


def _joined(values: dict[str, str], between: str, *names: str) -> str:
    return between.join(values[name] for name in names if values.get(name))
