"""What all tables have in common: where they are listed, how their keys are named, and how a word is checked."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def one_of(column: str, words: type[StrEnum]) -> str:
    """The condition that a column holds one of these words."""
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"
