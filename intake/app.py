"""The public app: three doors, one hallway, and refusals that say what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, request
from sqlalchemy import text
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from config.files import Files
from config.limits import Limits
from config.machine import Machine
from config.outcomes import Outcomes
from config.public_page import PublicPage
from config.secrets import DoorSecrets
from config.settings import Settings
from intake.api import PartnerAPI, api_blueprint
from intake.callers import Callers
from intake.exercises import Exercises
from intake.form_reader import FormReader
from intake.form_token import FormTokens
from intake.georeport import errors, format_of
from intake.leaving import leaving_blueprint
from intake.limits import Limiter
from intake.open311 import Open311, open311_blueprint
from intake.pages import Pages
from intake.problems import Refused, problem
from intake.receipt_counter import ReceiptCounter
from intake.receipt_page import ReceiptPage, receipt_blueprint
from intake.receipts_in_texts import ReceiptsInTexts
from intake.receive import Hallway
from intake.service_catalogue import ServiceCatalogue
from intake.texts import TextDoor, texts_blueprint
from intake.transport import TransportLimits
from intake.uploads import Uploads
from intake.voice import VoiceDoor, voice_blueprint
from intake.voice_calls import Calls
from intake.voice_prompts import Prompts
from intake.voice_receipts import ReceiptsByKeypad
from intake.voice_request import CallRequests
from intake.voice_script import Script
from intake.web_form import WebForm, web_form_blueprint
from intake.wording import LANGUAGES, load_words
from reports.database import Database
from reports.errors import ReportError, StoreUnavailable
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.partners import Partners
from reports.schema import current_revision, newest_revision
from reports.states import ReportState
from routing.finding.danger import DangerWords
from routing.finding.venues import Venues
from workers.carriers.carrier import Incoming
from workers.carriers.incoming import incoming_carriers
from workers.ring import BackgroundBell, Bell, QuietBell, RedisBell
from workers.voice_table import CHINA_TIME, VoiceTable

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Front:
    """What the public app stands on. It holds no key that opens anything. carriers are by the path they call."""

    settings: Settings
    secrets: DoorSecrets
    keys: DoorKeys
    database: Database
    danger: DangerWords
    venues: Venues
    bell: Bell
    carriers: Mapping[str, Incoming]
    files: Files
    voice: VoiceTable
    now: Callable[[], datetime]


def make_front(settings: Settings, secrets: DoorSecrets) -> Front:
    """Reads the door's keys and connects. Raises KeyMissing or SettingsError with one clear line."""
    bell: Bell = QuietBell()
    if settings.redis_url:
        bell = BackgroundBell(RedisBell(settings.redis_url, Machine.load(settings.config)))
    carriers = incoming_carriers(settings, secrets)
    return Front(
        settings=settings,
        secrets=secrets,
        keys=DoorKeys.load(settings.state),
        database=Database(settings.database_url, pool_size=4),
        danger=DangerWords.load(settings.config),
        venues=Venues.load(settings.config),
        bell=bell,
        carriers=carriers,
        files=Files.load(settings.config),
        voice=VoiceTable.load(settings.config),
        now=lambda: datetime.now(CHINA_TIME),
    )


def create_app(front: Front) -> Flask:
    """The public app."""
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=None, PROPAGATE_EXCEPTIONS=False)
    facts = PublicPage.load(front.settings.config)
    pages = Pages(load_words(), facts)
    may, proxies = Limits.load(front.settings.config), front.settings.trusted_proxies
    limiter = Limiter(may, front.database, front.keys.deliveries, proxies, front.now)
    keeper = Keeper(front.database, front.keys, may.total)
    exercises = Exercises(front.secrets.exercise_key, front.now)
    hallway = Hallway(keeper, front.danger, front.venues, front.bell, limiter, exercises.is_played)
    uploads = Uploads(front.files.limits)
    reader, tokens = FormReader(pages, uploads), FormTokens(front.keys.deliveries)
    app.register_blueprint(web_form_blueprint(WebForm(hallway, tokens, pages, reader, front.venues, limiter)))
    outcomes = Outcomes.load(front.settings.config, [state.value for state in ReportState], LANGUAGES)
    counter = ReceiptCounter(front.database, front.keys, keeper, outcomes)
    placing = ReceiptsInTexts(counter, front.keys.deliveries)
    texts = {path: TextDoor(hallway, front.database, carrier, placing) for path, carrier in front.carriers.items()}
    app.register_blueprint(texts_blueprint(texts))
    receipts = ReceiptPage(hallway, tokens, reader, pages, counter, outcomes, limiter)
    app.register_blueprint(receipt_blueprint(receipts))
    app.register_blueprint(leaving_blueprint(facts.leave_to))
    _add_partners(app, front, hallway, limiter, outcomes, uploads)
    keypad = ReceiptsByKeypad(counter, outcomes, front.keys.deliveries)
    _add_voice(app, front, Calls(hallway, keeper, front.database, front.bell, front.voice.longest_call_seconds), keypad)
    _add_health(app, front.database)
    refuse = _add_refusals(app, pages)
    app.before_request(lambda: _refusing_false_proof(exercises, refuse))
    app.after_request(_with_headers)
    limits = TransportLimits(app, _Refusal(app, pages), front.files.limits.upload_seconds)
    app.wsgi_app = limits  # type: ignore[method-assign]
    return app


def _add_partners(
    app: Flask, front: Front, hallway: Hallway, limiter: Limiter, outcomes: Outcomes, uploads: Uploads
) -> None:
    callers = Callers(Partners(front.database), front.secrets.api_key)
    catalogue, public_url = ServiceCatalogue.load(front.settings.config), front.settings.public_url
    database, signer = front.database, front.keys.signer
    api = PartnerAPI(hallway, callers, limiter, database, signer, public_url, catalogue, outcomes, uploads)
    app.register_blueprint(api_blueprint(api))
    platforms = Open311(hallway, callers, limiter, front.database, catalogue, public_url, outcomes)
    app.register_blueprint(open311_blueprint(platforms))


def _add_voice(app: Flask, front: Front, calls: Calls, receipts: ReceiptsByKeypad) -> None:
    table, public_url = front.voice, front.settings.public_url
    prompts = Prompts(front.settings.state)
    requests = CallRequests(front.secrets, public_url)
    door = VoiceDoor(calls, requests, table, Script(table, public_url, prompts), receipts, front.danger, front.now)
    app.register_blueprint(voice_blueprint(door, prompts))


def _refusing_false_proof(exercises: Exercises, refuse: _Refusal) -> Response | None:
    # Kept as if it had been told, it would call real units out.
    if exercises.is_falsely_claimed(request):
        return refuse(request, 403, "This is marked as an exercise, but not by anybody who may hold one.")
    return None


def _with_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    # The style and script too: a browser's cache is where somebody may look for visited pages.
    response.headers["Cache-Control"] = "no-store"
    return response


def _add_health(app: Flask, database: Database) -> None:
    newest = newest_revision()

    def healthz() -> tuple[str, int]:
        return "ok\n", 200

    def readyz() -> tuple[str, int]:
        with database.read() as connection:
            connection.execute(text("SELECT 1"))
        if current_revision(database) != newest:
            return "the database has another shape than this version wants\n", 503
        return "ready\n", 200

    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


class _Refusal:
    """One refusal shown in four ways: a problem or errors to partners, a line to the carrier, a page to people."""

    def __init__(self, app: Flask, pages: Pages) -> None:
        self._app, self._pages = app, pages

    def __call__(self, asked: Request, status: int, sentence: str) -> Response:
        if asked.path.startswith("/api/"):
            return _with_headers(problem(Refused(status, sentence)))
        if asked.path.startswith("/open311/"):
            return _with_headers(errors(format_of(asked.path), Refused(status, sentence)))
        if asked.path.startswith(("/twilio/", "/carriers/")) or asked.path in ("/healthz", "/readyz"):
            response = Response(sentence + "\n", status=status, mimetype="text/plain")
        else:
            kind = {404: "missing", 413: "too_long", 500: "away", 503: "away"}.get(status, "problem")
            with self._app.request_context(asked.environ):
                response = self._pages.problem(asked, status, kind)
        if status == 503:
            response.headers["Retry-After"] = "5"
        return _with_headers(response)


def _add_refusals(app: Flask, pages: Pages) -> _Refusal:
    refuse = _Refusal(app, pages)

    def away(fault: StoreUnavailable) -> Response:
        log.error("Nothing could be kept.", extra={"status": 503})
        return refuse(request, 503, "Nothing can be kept just now. Send it again in a few seconds.")

    def refused(fault: HTTPException) -> Response:
        response = refuse(request, fault.code or 500, fault.description or "The request was refused.")
        response.headers.extend([(name, value) for name, value in fault.get_headers() if name == "Allow"])
        return response

    def broken(fault: Exception) -> Response:
        # The class alone: an exception's text may quote what somebody reported.
        log.error("A door failed: %s", type(fault).__name__, extra={"status": 500})
        return refuse(request, 500, "Something went wrong here and nothing was kept. Send it again.")

    app.register_error_handler(StoreUnavailable, away)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(ReportError, broken)
    app.register_error_handler(Exception, broken)
    return refuse
