"""The desk's app, made anew whenever another rulebook comes into use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from flask import Flask

from console.app import create_app
from console.services import Services

StartResponse = Callable[..., Any]


class ChangingDesk:
    """A WSGI application. Each request is answered from beginning to end by an app that knows one rulebook only, so no
    page and no verb ever mixes two."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._made = (services.rulebook, create_app(services))
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request."""
        return self.app_now()(environ, start_response)

    def app_now(self) -> Flask:
        """The app of the rulebook that is in use now."""
        rulebooks = self._services.rulebooks
        rulebook, app = self._made
        if rulebooks is None or rulebooks.now() is rulebook:
            return app
        with self._lock:
            # Whoever waited here finds it made.
            rulebook, app = self._made
            wanted = rulebooks.now()
            if wanted is not rulebook:
                app = create_app(replace(self._services, rulebook=wanted))
                self._made = (wanted, app)
        return app
