"""Who is asking, and whether they may: sessions, roles, and the token that every change must carry."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Response, g, redirect, request, url_for
from werkzeug.exceptions import Forbidden, NotFound

from config.access import AccessRules
from console.entered import entered_now
from console.services import Services
from reports.officers import Role
from reports.passkeys import Site
from reports.second_factors import ENROLMENT, FACTOR
from reports.sessions import OWN_PASSWORD, Session

LANGUAGES = ("zh", "en")
_MINUTE = 60_000
_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# Where whoever gave a password goes on, by what is still wanted of them.
_STEPS = {OWN_PASSWORD: "own_password", FACTOR: "second_factor", ENROLMENT: "new_factor"}


class CSRFRefused(Forbidden):
    """A change came without the page's own token, or from another site."""


class SessionEnded(Forbidden):
    """A change came from somebody who is no longer signed in."""


class ProofWanted(Forbidden):
    """A change with words of somebody's own came, and they have to prove anew who they are."""


class Access:
    """Reads the session of a request, and guards views by role."""

    def __init__(self, services: Services, rules: AccessRules) -> None:
        self._services, self._rules = services, rules
        self.is_secure = services.settings.public_url.startswith("https:")
        # A browser takes a cookie of this name only over https, for this host and the whole of it.
        self.cookie = "__Host-desk" if self.is_secure else "desk"

    def open_session(self) -> None:
        """Puts the request's session where `session_now` finds it; runs before every view."""
        token = request.cookies.get(self.cookie, "")
        by_hand = request.method in _UNSAFE or "HX-Request" not in request.headers
        session = self._services.sessions.session(token, by_hand=by_hand) if token else None
        g.half = session if session is not None and session.waits_for else None
        g.session = None if g.half else session

    def check_change(self) -> None:
        """Raises CSRFRefused for a change from elsewhere. Signing in carries no token yet; its origin is checked."""
        if request.method not in _UNSAFE:
            return
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise CSRFRefused
        # Every browser of today says whose page a request comes from; "none" is the person's own doing.
        if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            raise CSRFRefused
        session = session_or_none() or half_or_none()
        if session is None or request.endpoint == "sign_in":
            return
        if not hmac.compare_digest(request.form.get("csrf_token", "").encode(), session.csrf_token.encode()):
            raise CSRFRefused

    def requires(self, *roles: Role) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Guards a view: whoever is not signed in goes to sign in; for another role there is nothing here."""

        def guard(view: Callable[..., Any]) -> Callable[..., Any]:
            def guarded(**arguments: Any) -> Any:
                session = session_or_none()
                if session is None:
                    return self._to_sign_in()
                if session.officer.role not in roles:
                    raise NotFound
                return view(**arguments)

            guarded.__name__ = view.__name__
            guarded.__doc__ = view.__doc__
            return guarded

        return guard

    def site(self) -> Site:
        """Where the desk is for whoever asks: what passkeys are made for."""
        host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
        return Site(host, f"{'https' if self.is_secure else 'http'}://{request.host}")

    def is_fresh(self, session: Session) -> bool:
        """Whether the person proved who they are in the last minutes."""
        return session.proved_ago is not None and session.proved_ago <= self._rules.fresh_minutes * _MINUTE

    def fresh(self, view: Callable[..., Any]) -> Callable[..., Any]:
        """Guards a view, inside `requires`, that wants whoever asks to have proved who they are in the last minutes.

        Others are asked first and then come to where they wanted to; a change they sent is to be sent again. Raises
        ProofWanted where they wrote something into it.
        """

        def guarded(**arguments: Any) -> Any:
            if self.is_fresh(session_now()):
                return view(**arguments)
            if request.method in _UNSAFE and entered_now().written:
                # Sending them away would lose it.
                raise ProofWanted
            wanted = request.full_path.rstrip("?") if request.method not in _UNSAFE else page_of_form()
            return redirect(url_for("step_up", next=wanted), 303)

        guarded.__name__ = view.__name__
        guarded.__doc__ = view.__doc__
        return guarded

    def set_cookie(self, response: Response, token: str) -> None:
        """Gives the browser the session's token, out of reach of scripts and of other sites."""
        response.set_cookie(self.cookie, token, httponly=True, secure=self.is_secure, samesite="Strict", path="/")

    def clear_cookie(self, response: Response) -> None:
        """Takes the token back."""
        response.delete_cookie(self.cookie, httponly=True, secure=self.is_secure, samesite="Strict", path="/")

    def _to_sign_in(self) -> Any:
        if request.method in _UNSAFE:
            # Sending them away would lose what they typed.
            raise SessionEnded
        half = half_or_none()
        if half is not None:
            return redirect(after_password(half, request.full_path.rstrip("?")))
        ended = "1" if self.cookie in request.cookies else None
        wanted = request.full_path.rstrip("?") if request.path != "/" else None
        return redirect(url_for("sign_in", ended=ended, next=wanted))


def session_or_none() -> Session | None:
    """The request's session, if somebody is signed in."""
    return cast("Session | None", getattr(g, "session", None))


def half_or_none() -> Session | None:
    """The session of somebody whose password was right and who is not signed in yet: a second factor is wanted."""
    return cast("Session | None", getattr(g, "half", None))


def session_now() -> Session:
    """The request's session. Only in guarded views."""
    session = session_or_none()
    if session is None:
        raise NotFound
    return session


def after_password(session: Session, wanted: str) -> str:
    """Where whoever gave a right password goes on: to what is still wanted of them, then to the page they wanted."""
    return url_for(_STEPS[session.waits_for], next=wanted) if session.waits_for else wanted


def language_now() -> str:
    """The language of the page: the session's, else the browser's, else Chinese."""
    session = session_or_none() or half_or_none()
    if session is not None:
        return session.language
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES, "zh") or "zh"


def page_now() -> str:
    """The address of the page that the reader sees: a verb's own address ends in the verb, and shows its page."""
    if request.method in _UNSAFE:
        return request.path.rsplit("/", 1)[0] or "/"
    return request.full_path.rstrip("?")


def page_of_form() -> str:
    """The page of the desk that a form was sent from, by the browser's word; the first page where it says none."""
    parts = urlsplit(request.referrer or "")
    return own_page(parts.path or "/") if parts.netloc == request.host else "/"


def own_page(address: str) -> str:
    """The address if it is a page of the desk, else the first page. Nobody is sent to another site."""
    parts = urlsplit(address)
    is_own = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if is_own and address.isprintable() else "/"
