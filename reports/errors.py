"""One class for each way the store refuses. Messages say what was wanted, what came and what to do."""

from __future__ import annotations


class ReportError(Exception):
    """The root of every refusal that a person may be shown."""


class UnknownReport(ReportError):
    """No report with this reference is visible to whoever asks."""


class UnknownReferral(ReportError):
    """No referral with this id is visible to whoever asks."""


class UnknownAttachment(ReportError):
    """The report has no such file, or has it no longer."""


class IllegalTransition(ReportError):
    """The table of states does not allow this change."""


class StaleVersion(ReportError):
    """Somebody else changed the report since it was read."""


class MissingReason(ReportError):
    """A change that must be explained came without a reason."""


class KeyMissing(ReportError):
    """A sealed value names a key that the key ring does not hold."""


class Erased(ReportError):
    """The content of this report was erased: nobody can open it any more."""


class SealBroken(ReportError):
    """A sealed value was changed, moved to another row or column, or sealed under another key."""


class RecordDamaged(ReportError):
    """A stored finding or decision does not read as what was written: somebody or something changed it."""


class StoreUnavailable(ReportError):
    """The database did not answer in time or refused to write. Nothing was kept; the sender should try again."""


class AuditBroken(ReportError):
    """The audit chain does not add up."""
