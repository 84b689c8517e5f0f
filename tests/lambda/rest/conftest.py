"""Fixtures: a small service of nothing but ``rest``, made anew for each test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any, cast

import pytest
from aws_lambda_powertools import Metrics
from tests.support.small_app import CONTRACT, ENVIRONMENT

from rest.app import App


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep metrics apart from those of other functions in this process: Powertools shares them, for Lambda runs one."""
    for shared in ("_metrics", "_dimensions", "_metadata", "_default_dimensions"):
        monkeypatch.setattr(Metrics, shared, {})


@pytest.fixture
def app() -> App:
    """An app that has no functions yet."""
    return App(CONTRACT, ENVIRONMENT)


@pytest.fixture
def logs(app: App) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Read what the app has logged."""
    stream, writer = StringIO(), cast(Any, app.logger.registered_handler)
    before = writer.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    writer.setStream(before)
