"""The mix of a service's requests is read as shares that make up the whole, or refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.facts import FactError, read_mix, read_services

SERVICE = "description: d\nhandler: a.b.c\nseconds: {typical: 1, call_at_worst: 2, margin: 1}\n"
CONTRACT = "paths:\n  /carts:\n    get: {operationId: list}\n    post: {operationId: make}\n"


def _tree(folder: Path, mix: str, contract: str = CONTRACT) -> Path:
    service = folder / "lambda" / "a"
    service.mkdir(parents=True)
    (service / "service.yaml").write_text(SERVICE + mix)
    (service / "openapi.yaml").write_text(contract)
    return folder


def test_shares_are_read_as_parts_of_the_whole(tmp_path: Path) -> None:
    assert read_mix("a", _tree(tmp_path, "mix: {GET /carts: 70, POST /carts: 30}\n")) == {
        "GET /carts": 0.7,
        "POST /carts": 0.3,
    }


def test_without_a_mix_every_operation_gets_the_same_share(tmp_path: Path) -> None:
    assert read_mix("a", _tree(tmp_path, "")) == {"GET /carts": 0.5, "POST /carts": 0.5}


def test_a_service_without_operations_has_no_shares(tmp_path: Path) -> None:
    assert read_mix("a", _tree(tmp_path, "", "paths: {}\n")) == {}


@pytest.mark.parametrize(
    ("mix", "said"),
    [
        ("{GET /carts: 100, PUT /carts: 0}", r"the contract has no PUT /carts -> use one of: GET /carts, POST /carts"),
        ("{GET /carts: 100}", r"POST /carts has no share"),
        ("{GET /carts: 100, POST /carts: 0}", r"POST /carts gets nothing"),
        ("{GET /carts: 110, POST /carts: -10}", r"POST /carts gets nothing"),
        ("{GET /carts: 70, POST /carts: 31}", r"the shares add up to 101 percent"),
        ("{GET /carts: all, POST /carts: 31}", r"Expected `float`"),
    ],
)
def test_a_mix_that_is_no_whole_is_refused_with_its_place(tmp_path: Path, mix: str, said: str) -> None:
    with pytest.raises(FactError, match=rf"lambda/a/service\.yaml \(mix.*{said}"):
        read_mix("a", _tree(tmp_path, f"mix: {mix}\n"))


def test_a_service_that_states_its_mix_states_it_for_every_operation() -> None:
    for name, service in read_services().items():
        assert service.mix.keys() in ({}.keys(), read_mix(name).keys())
