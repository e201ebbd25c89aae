"""Whatever a partner's program sends, right or wrong, the answer is one that the description tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.limits import Limits, Rate
from intake.app import create_app
from tests.intake.doors import API_KEY, front_of

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
PER_OPERATION = 12


@pytest.fixture(scope="module")
def description(
    tmp_path_factory: pytest.TempPathFactory, key_folder: Path, sqlite_file: Path
) -> Iterator[schemathesis.BaseSchema]:
    """The description as the running app gives it."""
    database = tmp_path_factory.mktemp("fuzz") / "hotline.sqlite3"
    database.write_bytes(sqlite_file.read_bytes())
    front = front_of(key_folder, f"sqlite:///{database}")
    limits = replace(Limits.load(front.settings.config), look_up=Rate(most=100_000, seconds=60))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("config.limits.Limits.load", lambda _: limits)
        app = create_app(front)
    described: schemathesis.BaseSchema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    described.config.generation.update(modes=list(schemathesis.GenerationMode))
    yield described
    front.database.dispose()


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
def test_every_answer_is_one_that_is_described(
    description: schemathesis.BaseSchema, mode: schemathesis.GenerationMode
) -> None:
    called = 0
    for found in description.get_all_operations():
        operation = found.ok()
        seen = 0

        @settings(
            max_examples=PER_OPERATION, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def call(case: schemathesis.Case) -> None:
            nonlocal seen
            seen += 1
            case.call_and_validate(headers={"Authorization": f"Bearer {API_KEY}"}, checks=CHECKS)

        try:
            call()
        except Unsatisfiable:
            # Nothing that is sent to this address could be wrong.
            assert mode is schemathesis.GenerationMode.NEGATIVE
        called += seen > 0
    assert called >= 9
