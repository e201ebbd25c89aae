"""`hotline model`: training the heads, and measuring what the reader makes of reports it has not seen."""

from __future__ import annotations

import click

from hotline.lazy_group import LazyGroup

# Training needs packages that nothing else does, the extra [training].
_COMMANDS = {
    "train": ("hotline.model_train_command", "train", "Train the heads on the corpus."),
    "evaluate": (
        "hotline.model_evaluate_command",
        "evaluate",
        "Measure the reader by labelled reports or by the desk.",
    ),
    "key": ("hotline.model_export_command", "key", "Make the keys of whoever trains."),
    "export": ("hotline.model_export_command", "export", "Export officers' corrections, sealed, without identities."),
    "open": ("hotline.model_export_command", "open_export", "Open such an export."),
}


@click.group(cls=LazyGroup, table=_COMMANDS)
def model() -> None:
    """Train the heads of the reader, measure the reader, and take along what officers corrected."""
