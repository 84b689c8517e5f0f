"""Facts are read typed and strict, or refused with one line that names file, place and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import HarnessError
from harness.facts import (
    Environment,
    FactError,
    Feature,
    Key,
    Release,
    Table,
    Units,
    dearest,
    mixed,
    read_base_grants,
    read_blueprint,
    read_grants,
    read_services,
    service_names,
)

HEAD = "project: shop\nprefix: shop\nregion: eu-west-1\nenvironments:\n"
SERVICE = "description: d\nhandler: a.b.c\nseconds: {typical: 1, call_at_worst: 2, margin: 1}\n"
GRANT = "statements:\n- {sid: S, resource: r, reason: why, actions: [{name: a:B, why: w, required: true, drop: d}]}\n"


def _tree(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_an_environment_that_says_nothing_has_every_safeguard(tmp_path: Path) -> None:
    found = read_blueprint(_tree(tmp_path, **{"blueprint.yaml": HEAD + "  live: {}\n"}))
    assert found.environment("live") == Environment(True, Release.CANARY, frozenset(Feature), None, 1440, None)


def test_every_environment_but_the_first_is_compared_with_it_unless_it_says_another(tmp_path: Path) -> None:
    text = HEAD + "  one: {}\n  two: {}\n  three: {compared_with: two}\n"
    found = read_blueprint(_tree(tmp_path, **{"blueprint.yaml": text}))
    assert [found.compared_with(name) for name in found.environments] == ["", "one", "two"]


def test_names_are_prefix_thing_suffix(tmp_path: Path) -> None:
    found = read_blueprint(_tree(tmp_path, **{"blueprint.yaml": HEAD + "  live: {}\n"}))
    assert (found.name("orders", "alice"), found.name("", "alice")) == ("shop-orders-alice", "shop-alice")
    assert found.state_bucket("123456789012") == "shop-terraform-state-123456789012"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "  live: {guarded: perhaps}\n", r"blueprint.yaml \(environments.*guarded\): Expected `bool`"),
        (HEAD + "  live: {gaurded: true}\n", r"unknown field `gaurded`"),
        (HEAD + "  live: {requires: [key]}\n", r"Invalid enum value 'key'"),
        (HEAD + "  live: {release: slow}\n", r"Invalid enum value 'slow'"),
        (HEAD + "  ab: {}\n", r"'ab' cannot end a name"),
        (HEAD + "  live: {}\n  pre-live: {}\n", r"'pre-live' ends with another environment's name, 'live'"),
        (HEAD + "  live: {}\n  live-restore-eu: {}\n", r"'live-restore-eu' .* a restored copy of .*'live'"),
        (HEAD + "  live: {compared_with: nowhere}\n", r"environments.live.compared_with\): nowhere is no other"),
        (HEAD + "  live: {compared_with: live}\n", r"live is no other environment"),
        (HEAD + "  live: {quota_minutes: 0}\n", r"environments.live.quota_minutes\): 0 is no part of a day"),
        (HEAD + "  live: {quota_minutes: -5}\n", r"-5 is no part of a day"),
        (HEAD + "  live: {quota_minutes: 1440.5}\n", r"1440.5 is no part of a day"),
        (HEAD.replace("environments:", "environments: {}"), r"there is none"),
        (HEAD.replace("prefix: shop", "prefix: Shop_") + "  live: {}\n", r"\(prefix\): 'Shop_' is no prefix"),
        (HEAD.replace("region: eu-west-1", "region: Ireland") + "  live: {}\n", r"\(region\): 'Ireland' is no region"),
        (HEAD.replace("project: shop\n", "") + "  live: {}\n", r"missing required field `project`"),
        (HEAD + "\tlive: {}\n", r"blueprint.yaml:5: there is a tab"),
    ],
)
def test_a_blueprint_that_means_nothing_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FactError, match=said) as refused:
        read_blueprint(_tree(tmp_path, **{"blueprint.yaml": text}))
    assert refused.value.remedy
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("two: {requires: [usage-plan, custmer-key]}",
         "(environments.two.requires[1]): Invalid enum value 'custmer-key' -> use one of: alarm-topic, customer-key,"),
        ("two: {release: slow}",
         "(environments.two.release): Invalid enum value 'slow' -> use one of: at-once, canary"),
        ("two: {gaurded: true}",
         "(environments.two): Object contains unknown field `gaurded` -> use one of: compared_with, guarded, load,"),
        ("two: {load: {stored_gb: 1}}",
         "(environments.two.load): Object missing required field `requests_per_month` -> add it"),
        ("two: {guarded: perhaps}", "(environments.two.guarded): Expected `bool`, got `str` -> write it as the file's"),
        ("two: {load: {requests_per_month: 1, stored_gb: 1}, requires: 7}", "(environments.two.requires): Expected"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_its_place_and_with_what_is_allowed(tmp_path: Path, wrong: str, told: str) -> None:
    """Environments that are right stand before and after it, and so does another mistake."""
    text = f"{HEAD}  one: {{requires: [usage-plan]}}\n  {wrong}\n  three: {{guarded: 7, release: canary}}\n"
    with pytest.raises(FactError) as refused:
        read_blueprint(_tree(tmp_path, **{"blueprint.yaml": text}))
    assert str(refused.value).startswith(f"blueprint.yaml {told}")


def test_a_wrong_value_in_a_list_of_a_service_is_told_with_its_place(tmp_path: Path) -> None:
    table = "tables: {carts: {hash_key: {name: id, type: text}, per_request: {}}}\n"
    with pytest.raises(FactError) as refused:
        read_services(_tree(tmp_path, **{"lambda/a/service.yaml": SERVICE + table}))
    assert str(refused.value) == (
        "lambda/a/service.yaml (tables.carts.hash_key.type): Invalid enum value 'text'"
        " -> use one of: binary, number, string"
    )
    grant = GRANT.replace("required: true", "required: 7")
    with pytest.raises(FactError, match=r"\(statements\[0\]\.actions\[0\]\.required\): Expected `bool`"):
        read_grants("a", _tree(tmp_path, **{"lambda/a/permissions.yaml": grant}))


@pytest.mark.parametrize("odd", ["y", "N", '"n"', "yes", "OFF", "010", "2020-01-31", "1:30"])
def test_what_terraform_reads_otherwise_is_refused(tmp_path: Path, odd: str) -> None:
    service = SERVICE.replace("description: d", f"description: {odd}")
    with pytest.raises(FactError, match=r"lambda/a/service\.yaml: Terraform reads .* as something else"):
        read_services(_tree(tmp_path, **{"lambda/a/service.yaml": service}))


def test_an_unlisted_environment_is_refused(tmp_path: Path) -> None:
    found = read_blueprint(_tree(tmp_path, **{"blueprint.yaml": HEAD + "  live: {}\n"}))
    with pytest.raises(FactError, match="lists no environment production"):
        found.environment("production")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"blueprint\.yaml cannot be read"):
        read_blueprint(tmp_path)


def test_services_are_the_folders_with_a_contract_or_a_service_yaml(tmp_path: Path) -> None:
    tree = _tree(tmp_path, **{"lambda/b/service.yaml": SERVICE, "lambda/a/openapi.yaml": "", "lambda/none/x.py": ""})
    assert service_names(tree) == ("a", "b")


def test_a_service_of_a_name_that_python_cannot_import_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FactError, match=r"lambda/my-shop is no name of a service"):
        service_names(_tree(tmp_path, **{"lambda/my-shop/service.yaml": SERVICE}))


@pytest.mark.parametrize("name", ["json", "email", "class"])
def test_a_service_that_python_would_not_find_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FactError, match=f"Python itself has a (module|word) {name}"):
        service_names(_tree(tmp_path, **{f"lambda/{name}/service.yaml": SERVICE}))


def test_two_services_cannot_both_declare_a_table(tmp_path: Path) -> None:
    table = "tables: {t: {hash_key: {name: id}, per_request: {}}}\n"
    tree = _tree(tmp_path, **{"lambda/a/service.yaml": SERVICE + table, "lambda/b/service.yaml": SERVICE + table})
    with pytest.raises(FactError, match=r"lambda/b/service\.yaml \(tables\.t\): a has a table of this name"):
        read_services(tree)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("per_request: {}, shards: {read: 2, write: 3}",
         "(tables.t.shards): write 3, read 2: what is written to a shard that is not read is in no list -> use 1 <= "),
        ("per_request: {}, shards: {read: 2, write: 0}", "(tables.t.shards): write 0, read 2"),
        ("per_request: {}, shards: {read: 2}", "(tables.t.shards): Object missing required field `write` -> add it"),
        ("per_request: {}, indexes: {by-x: {hash_key: {name: x}, per_request: {}, key_values: shards}}",
         "(tables.t.indexes.by-x.key_values): the table states no shards -> give it shards: {read: N, write: N}"),
        ("per_request: {}, indexes: {by-x: {hash_key: {name: x}, per_request: {}, key_values: 0}}",
         "(tables.t.indexes.by-x.key_values): 0 share no load -> give 1 or more"),
        ("per_request: {}, key_values: -1", "(tables.t.key_values): -1 share no load"),
        ("per_request: {GET /boats: {read: 1}}",
         "(tables.t.per_request): the contract has no GET /boats -> use one of: GET /carts"),
        ("per_request: {GET /carts: {read: -1}}",
         "(tables.t.per_request): GET /carts takes less than nothing -> give 0 units or more"),
    ],
)  # fmt: skip
def test_a_table_that_means_nothing_is_refused_with_its_place(tmp_path: Path, table: str, said: str) -> None:
    service = f"{SERVICE}tables: {{t: {{hash_key: {{name: id}}, {table}}}}}\n"
    contract = "paths:\n  /carts:\n    get: {operationId: list}\n"
    with pytest.raises(FactError) as refused:
        read_services(_tree(tmp_path, **{"lambda/a/service.yaml": service, "lambda/a/openapi.yaml": contract}))
    assert str(refused.value).startswith(f"lambda/a/service.yaml {said}")


@pytest.mark.parametrize(
    ("symbol", "known"),
    [("shards:t/read", "give the table shards"), ("shards:u/reads", "shards:u/read, shards:u/write")],
)
def test_a_variable_for_shards_that_nobody_states_is_refused(tmp_path: Path, symbol: str, known: str) -> None:
    tables = "tables: {t: {hash_key: {name: id}, per_request: {}}}\n"
    if "u" in symbol:
        tables = tables.replace("{t:", "{u: {hash_key: {name: id}, per_request: {}, shards: {read: 1, write: 1}}, t:")
    service = f"{SERVICE}environment: {{SHARDS: '{symbol}'}}\n{tables}"
    with pytest.raises(FactError, match=rf"\(environment\.SHARDS\): no table states {symbol} -> .*{known}"):
        read_services(_tree(tmp_path, **{"lambda/a/service.yaml": service}))


def test_units_are_those_of_the_dearest_request_or_of_the_average_one() -> None:
    per_request = {"GET /carts": Units(read=4), "PUT /carts": Units(read=2, write=10)}
    assert dearest(per_request) == Units(read=4, write=10)
    assert dearest({}) == mixed({}, {}) == Units()
    assert mixed(per_request, {"GET /carts": 0.5, "PUT /carts": 0.25}) == Units(read=2.5, write=2.5)
    # Nothing is known of requests that are in no mix: all may be of that kind.
    assert mixed(per_request, {"GET /carts": 0.5}) == Units(read=4, write=10)
    assert mixed(per_request, {}) == dearest(per_request)


@pytest.mark.parametrize(
    ("changes", "spread"),
    [({}, None), ({"range_key": Key("at")}, 1), ({"range_key": Key("at"), "key_values": 9}, 9), ({"key_values": 2}, 2)],
)
def test_a_hash_key_that_alone_finds_an_item_has_as_many_values_as_needed(
    changes: dict[str, Any], spread: int | None
) -> None:
    assert Table(hash_key=Key("id"), per_request={}, **changes).spread == spread


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GRANT.replace("reason: why", "reason: ' '"), "no reason or no actions"),
        (GRANT.replace("why: w", "why: ''"), "a:B has no reason"),
        (GRANT.replace("drop: d", "drop: ''"), "a:B has no reason"),
        (GRANT.replace("[{name: a:B, why: w, required: true, drop: d}]", "[]"), "no reason or no actions"),
        (GRANT.replace("sid: S, ", ""), "missing required field `sid`"),
        (GRANT.replace("sid: S,", "sid: S, when: sometimes,"), "Invalid enum value 'sometimes'"),
    ],
)
def test_a_permission_without_a_reason_is_refused(tmp_path: Path, text: str, said: str) -> None:
    files = {"lambda/a/permissions.yaml": text, "modules/function/permissions.yaml": text}
    tree = _tree(tmp_path, **files)
    for read in (read_base_grants, lambda tree: read_grants("a", tree)):
        with pytest.raises(FactError, match=said):
            read(tree)


def test_the_facts_of_this_repository_can_be_read() -> None:
    assert read_blueprint().environments
    for name in read_services():
        assert read_grants(name)
    assert read_base_grants()
