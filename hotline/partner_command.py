"""`hotline partner`: who may file reports with a key, and the receipts they hold."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hotline.options import settings_now
from reports.database import Database
from reports.partners import USUAL_SCOPES, NewPartner, PartnerKind, Partners, Scope
from reports.signed_receipts import ReceiptBroken, ReceiptSigner, body_digest, invent_receipt_key, read_receipt

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ACTOR = "command-line"


@click.group()
def partner() -> None:
    """Add, list and revoke partners, make them new keys, and check the receipts they hold."""


@partner.command()
@click.argument("name")
@click.option("--kind", type=click.Choice([kind.value for kind in PartnerKind]), required=True)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What the key is for; may be given several times. Default: what is usual for the kind.",
)
@click.option("--per-minute", type=click.IntRange(1), help="How many reports a minute come unmarked.")
def add(name: str, kind: str, scopes: tuple[str, ...], per_minute: int | None) -> None:
    """Add a partner and print their key, this once.

    Example: hotline partner add "县第一小学" --kind school
    """
    wanted = tuple(Scope(scope) for scope in scopes) or USUAL_SCOPES[PartnerKind(kind)]
    database = Database(settings_now().database_url, pool_size=1)
    new = NewPartner(name=name, kind=PartnerKind(kind), scopes=wanted, per_minute=per_minute)
    _, key = Partners(database).add(new, _ACTOR)
    database.dispose()
    click.echo(f"Added {name}, for {', '.join(wanted)}. Key, shown this once: {key}")


@partner.command(name="list")
def list_partners() -> None:
    """List the partners. Keys are not kept and cannot be shown.

    Example: hotline partner list
    """
    database = Database(settings_now().database_url, pool_size=1)
    for one in Partners(database).list():
        state = "active" if one.active else "revoked"
        limit = f"{one.per_minute} a minute" if one.per_minute else "the usual limit"
        click.echo(f"{one.name}\t{one.kind.value}\t{','.join(one.scopes)}\t{limit}\t{state}\t{one.id}")
    database.dispose()


@partner.command()
@click.argument("name")
def revoke(name: str) -> None:
    """End every key of a partner at once. Their reports stay.

    Example: hotline partner revoke "县第一小学"
    """
    database = Database(settings_now().database_url, pool_size=1)
    Partners(database).revoke(name, _ACTOR)
    database.dispose()
    click.echo(f"No key of {name} is taken any more.")


@partner.command()
@click.argument("name")
@click.option("--overlap-minutes", type=click.IntRange(0, 7 * 24 * 60), default=24 * 60, show_default=True)
def rotate(name: str, overlap_minutes: int) -> None:
    """Make a partner a new key and print it, this once. The old ones end after the overlap; 0 ends them at once.

    Example: hotline partner rotate "县第一小学" --overlap-minutes 60
    """
    database = Database(settings_now().database_url, pool_size=1)
    key = Partners(database).rotate(name, overlap_minutes, _ACTOR)
    database.dispose()
    click.echo(f"Old keys of {name} end in {overlap_minutes} minutes. New key, shown this once: {key}")


@partner.command(name="receipt-key")
def receipt_key() -> None:
    """Print the public half of the key that receipts are signed with, as a JWK Set; make the key if there is none.

    Example: hotline partner receipt-key > receipt-keys.json
    """
    state = settings_now().state
    if invent_receipt_key(state):
        click.echo("A key was made. The public app uses it from its next start on.", err=True)
    click.echo(json.dumps(ReceiptSigner.load(state).published(), indent=2))


@partner.command(name="verify-receipt")
@click.argument("receipt", type=_FILE)
@click.option("--keys", type=_FILE, help="The JWK Set published at /api/v1/receipt-keys. Default: this hotline's own.")
@click.option("--body", type=_FILE, help="The body that was sent: says whether the receipt is for these very bytes.")
def verify_receipt(receipt: Path, keys: Path | None, body: Path | None) -> None:
    """Check a signed receipt without asking anybody, and say what it proves. Exit status 1 if it proves nothing.

    Example: hotline partner verify-receipt receipt.jws --keys receipt-keys.json --body report.json
    """
    published = _published(keys)
    try:
        said = read_receipt(receipt.read_text(encoding="utf-8", errors="replace"), published)
    except ReceiptBroken as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"{said.iss} received report {said.reference} from {said.partner} at {said.received_at}.")
    click.echo(f"SHA-256 of its body: {said.body_sha256}")
    for number, digest in enumerate(said.files_sha256, 1):
        click.echo(f"SHA-256 of file {number}: {digest}")
    if body is not None and body_digest(body.read_bytes()) != said.body_sha256:
        raise click.ClickException(f"The receipt is genuine, but {body} is not the body it was given for.")
    if body is not None:
        click.echo(f"{body} is that body.")


def _published(keys: Path | None) -> dict[str, object]:
    if keys is None:
        return dict(ReceiptSigner.load(settings_now().state).published())
    try:
        published = json.loads(keys.read_text(encoding="utf-8"))
    except ValueError:
        published = None
    if not isinstance(published, dict) or not isinstance(published.get("keys"), list):
        raise ValueError(f"{keys} should be a JWK Set, as published at /api/v1/receipt-keys, but is not one.")
    return published
