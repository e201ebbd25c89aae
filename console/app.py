"""The desk's app: pages for officers, each behind its guard."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from config.access import AccessRules
from config.figures import Counting
from console.access import Access, CSRFRefused, ProofWanted, SessionEnded, language_now, page_now, session_or_none
from console.account_page import AccountPages
from console.appointing import Appointing
from console.area_search import AreaSearch
from console.ask_reporter import AskReporter, AskReporterPages
from console.attachments import AttachmentPages
from console.audit_page import AuditPages
from console.beside_page import BesidePages
from console.by_hand_page import ByHandPages
from console.content_warnings import ContentWarnings
from console.desk import Desk
from console.devices import Devices
from console.display import Display, load_words, visible
from console.entered import Entered, entered_now
from console.figures_export import FiguresExport
from console.figures_reader import FiguresReader
from console.first_shift import FirstShifts
from console.first_shift_page import FirstShiftPages
from console.handover_page import HandoverPages
from console.holding_page import Holding, HoldingPages
from console.inbox_page import InboxPages
from console.keys import load_keys
from console.label_form import LabelForm
from console.lessons import load_lessons
from console.made_to_do_page import MadeToDoPages
from console.made_to_do_verbs import MadeToDoVerbs
from console.merging import Merging
from console.metrics import Metrics
from console.officers_page import OfficersPages
from console.packet_files import PacketFilePages
from console.packet_verbs import PacketVerbs
from console.password_page import PasswordPages
from console.plan_lines_page import PlanLinesPage
from console.queue_page import QueuePage
from console.recordings import RecordingPages
from console.recusal_page import RecusalPages
from console.recusal_verbs import RecusalVerbs
from console.report_page import ReportPages
from console.report_shown import ReportShown
from console.report_verbs import ReportVerbs
from console.roster_page import RosterPages
from console.rules_page import RulesPages
from console.second_factor_page import SecondFactorPages
from console.second_person_page import SecondPersonPages
from console.second_person_verbs import SecondPersonVerbs
from console.services import Services
from console.sign_in import SignInPages
from console.statistics_page import StatisticsPages
from console.texting_page import TextingPages, TextingVerbs
from console.together_page import TogetherPages
from console.unit_answers import UnitAnswerPages, UnitAnswers
from console.unit_choice import UnitChoice
from console.units_told import UnitsTold
from console.units_told_page import UnitsToldPages
from console.withheld_page import WithheldPages
from console.withheld_verbs import WithheldVerbs
from reports.errors import (
    Erased,
    KeyMissing,
    RecordDamaged,
    SealBroken,
    StoreUnavailable,
    UnknownAttachment,
    UnknownReferral,
    UnknownReport,
)
from reports.officers import Role
from reports.second_factors import SecondFactors
from reports.two_person import NotAllowed, NotConfirmed, TwoPeople

MOST_BYTES = 64 * 1024
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    # Not "no-referrer": browsers then send a form's origin as null, as a forged one has.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PROBLEMS: tuple[tuple[type[Exception], int, str], ...] = (
    (UnknownReport, 404, "problem_404"),
    (UnknownReferral, 404, "problem_404"),
    (UnknownAttachment, 404, "problem_404"),
    (CSRFRefused, 403, "problem_csrf"),
    (NotAllowed, 403, "problem_not_allowed"),
    (NotConfirmed, 409, "problem_not_confirmed"),
    (SessionEnded, 403, "problem_ended"),
    (ProofWanted, 403, "problem_proof"),
    (Erased, 410, "problem_erased"),
    (StoreUnavailable, 503, "problem_away"),
    (KeyMissing, 500, "problem_seal"),
    (SealBroken, 500, "problem_seal"),
    (RecordDamaged, 500, "problem_damaged"),
)
_REFUSED: Mapping[int, str] = {404: "problem_404", 413: "problem_too_long"}
log = logging.getLogger(__name__)


def create_app(services: Services) -> Flask:
    """The desk's app."""
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=MOST_BYTES, PROPAGATE_EXCEPTIONS=False)
    words, keys, warnings = load_words(services.settings.config), load_keys(), ContentWarnings.load()
    rules = AccessRules.load(services.settings.config)
    access, desk = Access(services, rules), Desk(services)
    search = AreaSearch(services.rulebook.areas)
    units = UnitChoice(services.rulebook, search)
    app.before_request(access.open_session)
    app.before_request(_check_length)
    app.before_request(access.check_change)
    app.after_request(_with_headers)

    def about_page() -> dict[str, Any]:
        language = language_now()
        display = Display(language, words[language], services.taxonomy, services.rulebook)
        return {
            "show": display,
            "words": words[language],
            "keys": keys,
            "warnings": warnings,
            "language": language,
            "session": session_or_none(),
            "page_now": page_now(),
            "clock": time.time_ns() // 1_000_000,
        }

    app.context_processor(about_page)
    app.add_template_filter(visible)
    factors, devices = SecondFactors(services.keys.opening), Devices.load()
    SignInPages(services, access, factors, devices).add_to(app)
    PasswordPages(services, access).add_to(app)
    SecondFactorPages(services, access, factors).add_to(app)
    AccountPages(services, access, factors, devices).add_to(app)
    # A reviewer works on recused cases alone: `find_report` knows no others for them.
    desk_roles = (Role.DUTY_OFFICER, Role.SUPERVISOR)
    at_desk, unit = access.requires(*desk_roles), access.requires(Role.UNIT_OFFICER)
    duty = access.requires(*desk_roles, Role.REVIEWER)
    QueuePage(services, words).add_to(app, at_desk)
    told = UnitsTold(services)
    shown = ReportShown(services, desk, words, units.kinds, told.packets)
    verbs = ReportVerbs(desk, units, LabelForm(services.taxonomy, search))
    reports = ReportPages(services, shown, verbs)
    reports.add_to(app, duty)
    UnitsToldPages(told, units, reports).add_to(app, duty)
    HoldingPages(Holding(services), reports).add_to(app, duty)
    BesidePages(services, desk, words, Merging(services), reports).add_to(app, duty)
    UnitAnswerPages(UnitAnswers(services), reports).add_to(app, duty)
    TogetherPages(services, desk).add_to(app, at_desk)
    MadeToDoPages(MadeToDoVerbs(services), reports).add_to(app, duty)
    WithheldPages(services, WithheldVerbs(services), reports).add_to(app, duty, at_desk)
    AttachmentPages(services).add_to(app, duty)
    RecordingPages(services).add_to(app, duty)
    texts = TextingVerbs(services)
    AskReporterPages(AskReporter(services, texts), reports).add_to(app, duty)
    TextingPages(texts, reports).add_to(app, duty)
    ByHandPages(services).add_to(app, at_desk)
    HandoverPages(services, words).add_to(app, at_desk)
    FirstShiftPages(FirstShifts(services, load_lessons(services.settings.config, services))).add_to(app, at_desk)
    RosterPages(services).add_to(app, at_desk, access.requires(Role.SUPERVISOR))
    InboxPages(services, PacketVerbs(services), units).add_to(app, unit)
    PacketFilePages(services).add_to(app, unit)
    figures = access.requires(*desk_roles, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)
    reader = FiguresReader(Counting.load(services.settings.config))
    StatisticsPages(services, reader).add_to(app, figures)
    PlanLinesPage(services, reader).add_to(app, figures)
    RulesPages(services, words).add_to(app, access.requires(*Role))
    two_people = TwoPeople(services.database, rules)
    FiguresExport(services, reader, two_people, words).add_to(app, figures, access)
    recusals = RecusalVerbs(services, two_people)
    RecusalPages(services, recusals, two_people).add_to(app, duty, access)
    appointing = Appointing(services, two_people)
    agreed = SecondPersonVerbs(services, two_people, recusals, factors, appointing)
    SecondPersonPages(services, agreed, two_people).add_to(app, access)
    OfficersPages(services, factors, two_people, appointing, units, devices).add_to(app, access)
    AuditPages(services).add_to(app, access)
    Metrics(services).add_to(app)
    _add_small_pages(app, services, access)
    _add_problems(app)
    return app


def _check_length() -> Response | None:
    if request.method == "POST" and (request.headers.get("Transfer-Encoding") or request.content_length is None):
        return _problem(411, "problem_request")
    return None


def _with_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


_HOME: Mapping[Role, str] = {
    Role.DUTY_OFFICER: "queue",
    Role.UNIT_OFFICER: "inbox",
    Role.SUPERVISOR: "queue",
    Role.REVIEWER: "recused_cases",
    Role.PRIVACY_OFFICER: "audit",
    Role.ADMINISTRATOR: "statistics",
}


def _add_small_pages(app: Flask, services: Services, access: Access) -> None:
    def home() -> Response:
        session = session_or_none()
        return make_response(redirect(url_for(_HOME[session.officer.role] if session else "sign_in"), 303))

    def healthz() -> tuple[str, int]:
        return "ok\n", 200

    app.add_url_rule("/", "home", home)
    app.add_url_rule("/healthz", "healthz", healthz)


def _add_problems(app: Flask) -> None:
    def known(fault: Exception) -> Response:
        _, status, name = next(one for one in _PROBLEMS if isinstance(fault, one[0]))
        return _problem(status, name)

    def refused(fault: HTTPException) -> Response:
        status = fault.code or 500
        return _problem(status, _REFUSED.get(status, "problem_request"))

    def broken(fault: Exception) -> Response:
        # The class alone: an exception's text may quote what somebody reported.
        log.error("A page failed: %s", type(fault).__name__, extra={"status": 500})
        return _problem(500, "problem_500")

    for kind, _, _ in _PROBLEMS:
        app.register_error_handler(kind, known)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, broken)


def _problem(status: int, name: str) -> Response:
    """What went wrong, with what was written, so that nobody has to write it twice."""
    # What is too long to be taken cannot be read either, and the browser still has it.
    page = render_template("problem.html", name=name, entered=Entered() if status == 413 else entered_now())
    response = make_response(page, status)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response
