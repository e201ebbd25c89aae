"""What a reporter wrote, as one value that is sealed whole."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field

from reports.values import Channel

# NUL, the other C0 controls but tab and line ends, DEL and lone surrogates: PostgreSQL or UTF-8 refuse some of them,
# and a report that one database takes must not be lost on the other. The raw payload beside it keeps every byte.
_UNKEEPABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

# Deliveries are told apart by their content's bytes, and were before these were asked.
_LATER_FIELDS = ("venue", "in_danger", "suggested", "particulars")


def keepable(text: str) -> str:
    """The text with every character that cannot be kept or shown replaced by U+FFFD. Nothing is cut."""
    return _UNKEEPABLE.sub("\ufffd", text)


@dataclass(frozen=True, kw_only=True)
class Content:
    """The personal part of one message: text, the sender's number as the carrier gave it, and what a form asked for.

    contact is how the reporter wants to be reached, name what they call themselves, place where they say it happens,
    venue the code of the poster they scanned, wishes the codes of the contact axis they ticked. All free text, any may
    be empty. in_danger says that they answered the question whether somebody is in danger now with yes. suggested holds
    the codes of the matters that a person thought it belongs to before it was read; particulars what a form gave beside
    the text, as names and values.
    """

    text: str
    sender: str = ""
    name: str = ""
    contact: str = ""
    place: str = ""
    venue: str = ""
    wishes: tuple[str, ...] = ()
    in_danger: bool = False
    suggested: tuple[str, ...] = ()
    particulars: tuple[tuple[str, str], ...] = ()

    def to_bytes(self) -> bytes:
        """UTF-8 JSON, for sealing."""
        fields = asdict(self)
        for name in _LATER_FIELDS:
            if not fields[name]:
                del fields[name]
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8")

    @classmethod
    def from_bytes(cls, plain: bytes) -> Content:
        """The value that `to_bytes` gave. Fields of a later version are left out."""
        fields = json.loads(plain)
        known = {name: fields[name] for name in cls.__dataclass_fields__ if name in fields}
        lists = {name: tuple(known.get(name, ())) for name in ("wishes", "suggested")}
        return cls(**{**known, **lists, "particulars": tuple((one[0], one[1]) for one in known.get("particulars", ()))})


@dataclass(frozen=True, kw_only=True)
class NewAttachment:
    """A file that came with a report, whole. name and claimed_type are the sender's own words: shown, never trusted.

    kind is "file", or "recording" for a call's sound. source_id names it at its provider, so that it is kept once
    however often it is fetched; '' where nobody will hand it in again.
    """

    name: str
    claimed_type: str
    data: bytes = field(repr=False)
    kind: str = "file"
    source_id: str = ""


@dataclass(frozen=True, kw_only=True)
class AwaitedAttachment:
    """A file that still lies with its provider under `url`; a worker fetches it."""

    url: str = field(repr=False)
    source_id: str
    claimed_type: str = ""
    kind: str = "file"


@dataclass(frozen=True, kw_only=True)
class NewReport:
    """What a door hands in. source and source_id name the delivery (one id of one provider, form or partner).

    raw is the payload as it came, byte for byte but for the bytes of its attachments. flags are codes for the officer
    ("flood", "media_mismatch" ...). partner is the id of the partner who files it, service the code of theirs that they
    file it under.
    follows is the id of the report that this adds to, where the door knows it, else ''. quiet_seconds is for how long
    it is left unread because more is sure to come. exercise says that it is played, by somebody who proved that they
    may: no door takes that from what was sent. told_apart_by is the content as it came, where a door took something
    out of it: by that a repeat is known from another body under the same id.
    """

    channel: Channel
    source: str
    source_id: str
    content: Content
    raw: bytes
    flags: tuple[str, ...] = ()
    attachments: tuple[NewAttachment, ...] = ()
    awaited: tuple[AwaitedAttachment, ...] = ()
    partner: str | None = None
    service: str | None = None
    follows: str = ""
    quiet_seconds: int = 0
    exercise: bool = False
    told_apart_by: Content | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the door may say back, and whom to ring for.

    repeated: nothing was kept now, since this delivery was kept before. conflict: its id came before with another body;
    reference and received_at are then those of the first, report_id and queue of what was kept of this one.
    """

    report_id: str
    reference: str
    received_at: int
    queue: str
    repeated: bool = False
    conflict: bool = False
