"""What an officer typed into a form that was refused, and what was wrong with it: nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import request


@dataclass(frozen=True)
class Fault:
    """One thing wrong: the field it is about ('' for the whole), and the sentence of words.toml with its values.

    A value that differs by language comes twice, under a name that ends in _zh and in _en.
    """

    about: str
    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)


class BadForm(Exception):
    """A form was not filled in as wanted. Nothing was changed."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.sentence for fault in faults))
        self.faults = faults


# The fields that people write into; what else a form holds is chosen anew in a moment. No password and no code is here.
_WRITTEN = ("reason", "words", "known_as")


@dataclass(frozen=True)
class Entered:
    """One form as it came back refused. verb is '' where nothing was sent."""

    verb: str = ""
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @property
    def written(self) -> tuple[str, ...]:
        """All that was written into it in words of one's own, for a page that has no such form any more."""
        said = (value for name in _WRITTEN for value in self.values.get(name, ()))
        return tuple(one for one in said if one.strip())

    def one(self, verb: str, name: str, otherwise: str = "") -> str:
        """What was typed into a field of this verb's form; `otherwise` where this form was not the one sent."""
        if verb != self.verb:
            return otherwise
        return next(iter(self.values.get(name, ())), "")

    def many(self, verb: str, name: str, otherwise: Sequence[str]) -> Sequence[str]:
        """The same for fields that come several times."""
        return self.values.get(name, ()) if verb == self.verb else otherwise

    def faults_of(self, verb: str, name: str) -> tuple[Fault, ...]:
        """What is wrong with one field of this verb's form."""
        return tuple(fault for fault in self.faults if verb == self.verb and fault.about == name)


def entered_now(verb: str = "", *faults: Fault) -> Entered:
    """All that came with the form of this request, for the page that says why it could not be done."""
    return Entered(verb, {name: request.form.getlist(name) for name in request.form}, faults)
