"""What city platforms may file by Open311, from open311.toml: services, their questions, and what they hint at."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import SettingsError

_FILE = "open311.toml"


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service. name and about are its words by language, matters the codes it hints at."""

    code: str
    name: Mapping[str, str]
    about: Mapping[str, str]
    keywords: str
    group: str
    matters: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One question that every service asks. values are the answers to choose from, each with its words by language."""

    code: str
    datatype: str
    question: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class ServiceCatalogue:
    """Everything that the two service methods of GeoReport v2 tell."""

    jurisdiction: str
    contact: str
    services: Mapping[str, Service]
    attributes: tuple[Attribute, ...]

    @classmethod
    def load(cls, config: Path) -> ServiceCatalogue:
        """Reads open311.toml. Raises SettingsError naming what is wrong."""
        path = config / _FILE
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(
                jurisdiction=tables["jurisdiction"],
                contact=tables["contact"],
                services={code: _service(code, row) for code, row in tables["services"].items()},
                attributes=tuple(_attribute(row) for row in tables["attributes"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise SettingsError(
                f"{path} should give jurisdiction, contact, services and attributes, each with its words in zh and en, "
                f"but does not ({type(fault).__name__}: {fault})."
            ) from None


def _service(code: str, row: Mapping[str, Any]) -> Service:
    return Service(
        code=code,
        name=_words(row),
        about={"zh": row["about_zh"], "en": row["about_en"]},
        keywords=row["keywords"],
        group=row["group"],
        matters=tuple(row["matters"]),
    )


def _attribute(row: Mapping[str, Any]) -> Attribute:
    values: Sequence[Mapping[str, str]] = row.get("values", ())
    return Attribute(
        code=row["code"],
        datatype=row["datatype"],
        question=_words(row),
        values={value["key"]: _words(value) for value in values},
    )


def _words(row: Mapping[str, Any]) -> Mapping[str, str]:
    return {"zh": row["zh"], "en": row["en"]}
