"""`hotline model key`, `export` and `open`: what officers confirmed and corrected, sealed on its way to training."""

from __future__ import annotations

import base64
import binascii
import getpass
import json
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from config.secrets import write_secret
from hotline.corrections import labelled_lines
from hotline.options import config_option, open_database, settings_now
from reports.errors import MissingReason, SealBroken
from reports.identity import new_id
from reports.keys import InnerKeys
from reports.sealing import OpeningKeys, SealingKey, key_id
from routing.finding.identities import Identities

KIND = "hotline-training-1"
_COLUMN = "training.sealed_lines"
_PUBLIC, _RING = "training.pub", "training.json"


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def key(folder: Path) -> None:
    """Make the pair of keys of whoever trains: training.pub seals, training.json opens and stays with them.

    Example: hotline model key ~/training-keys
    """
    if (folder / _RING).exists():
        raise click.UsageError(f"{folder / _RING} exists. A new key beside it would leave older exports unreadable.")
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    name = key_id(public)
    ring = {"active": name, "keys": {name: base64.b64encode(private.private_bytes_raw()).decode()}}
    write_secret(folder / _RING, json.dumps(ring))
    write_secret(folder / _PUBLIC, base64.b64encode(public).decode())
    click.echo(f"{folder / _PUBLIC} seals exports; only {folder / _RING} opens them. Keep that one off this machine.")


@click.command()
@config_option
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", "to", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The public key of whoever trains (`hotline model key` makes it).")  # fmt: skip
@click.option("--reason", default="", help="Why, in words. It is kept sealed with every report.")
def export(config: Path, output: Path, to: Path, reason: str) -> None:
    """Export what officers confirmed and corrected as labelled texts, without identities, sealed to a key.

    Names, numbers, accounts and addresses are taken out by config/identities.toml. Each look is written down first.

    Example: hotline model export desk.sealed --to training.pub --reason "quarterly training"
    """
    if not reason.strip():
        raise MissingReason('A reason is wanted: --reason "why these are exported". It is kept with every report.')
    if output.exists():
        raise click.UsageError(f"{output} exists. Name a new file.")
    settings = settings_now()
    sealing, keys, export_id = SealingKey.load(to), InnerKeys.load(settings.state), new_id()
    detail = {"user": getpass.getuser()[:40], "export": export_id, "key": key_id(sealing.public)}
    with open_database(settings) as database:
        lines = list(labelled_lines(database, keys, Identities.load(config), reason.strip()[:2000], detail))
    if not lines:
        click.echo("No officer has confirmed or corrected a report that can still be read, so nothing was exported.")
        return
    export_key, wrapped = sealing.new_report_key(export_id)
    sealed = export_key.seal(_COLUMN, export_id, "\n".join(lines).encode())
    file = {"kind": KIND, "id": export_id, "wrapped": _text(wrapped), "sealed": _text(sealed)}
    write_secret(output, json.dumps(file))
    click.echo(f"{output}: {len(lines)} reports, sealed. Whoever has the other key: hotline model open {output}")


@click.command(name="open")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "ring", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The private key, training.json.")  # fmt: skip
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write lines.")
def open_export(file: Path, ring: Path, output: Path) -> None:
    """Open an export: one labelled report a line, in the shape of corpus/. Read it before anybody learns from it.

    Example: hotline model open desk.sealed --key training.json --output desk.jsonl
    """
    if output.exists():
        raise click.UsageError(f"{output} exists. Name a new file.")
    keys = OpeningKeys.load(ring)
    try:
        sealed = json.loads(file.read_text(encoding="ascii"))
        if sealed["kind"] != KIND:
            raise ValueError(sealed["kind"])
        export_id, wrapped = str(sealed["id"]), base64.b64decode(sealed["wrapped"], validate=True)
        value = base64.b64decode(sealed["sealed"], validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise SealBroken(f"{file} should be what `hotline model export` wrote, but is not, or was changed.") from None
    lines = keys.open_report_key(export_id, wrapped).open(_COLUMN, export_id, value)
    write_secret(output, lines.decode())
    click.echo(f"{output}: {lines.count(10) + 1} reports. No pattern knows every name: read them before you train.")


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
