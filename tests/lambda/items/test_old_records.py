"""Records that earlier versions of the service left in the table: whatever is asked of them, it is answered.

``old_records.yaml`` holds every form there has been. A field that is stored from today on is missing in all of them, so
code that needs it fails here, and not a year later on somebody's oldest item.
"""

from __future__ import annotations

import copy
import itertools
import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from tests.support.contract import document
from tests.support.fake_table import SHARDS, TABLE, FakeTable

from items import records
from items.logic import CLAIM_PREFIX
from items.records import is_live

RECORDED = yaml.safe_load((Path(__file__).parent / "old_records.yaml").read_text())
FORMS: dict[str, dict[str, Any]] = RECORDED["forms"]
CALLER = "caller-1"
BODY = {"name": "changed"}
PLAIN = {"S": str, "N": int, "BOOL": bool}


@pytest.fixture(params=list(FORMS.values()), ids=list(FORMS))
def form(request: pytest.FixtureRequest, table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Fill the table with the records of a form, at the time when they were recorded: they have not expired."""
    moment = datetime.fromisoformat(RECORDED["recorded_at"])
    monkeypatch.setattr("items.service.datetime", SimpleNamespace(now=lambda _: moment))
    for record in request.param["records"]:
        table.client.put_item(TableName=TABLE, Item=record)
    return copy.deepcopy(request.param)


def plain(record: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a record's values without their types."""
    return {name: PLAIN[kind](value) for name, held in record.items() for kind, value in held.items()}


def live(form: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a form, the newest first."""
    return sorted(map(plain, filter(is_live, form["records"])), key=lambda item: str(item["sort_key"]), reverse=True)


def listed(form: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a form that lists show: those that have keys of today's indexes."""
    return [item for item in live(form) if "shard" in item]


NOTES = Path(records.__file__).parent / "upgrade.md"


def give_keys(table: FakeTable, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Run what the upgrade notes have for items of earlier versions; return what it says."""
    (script,) = re.findall(r"```python\n(.*?)```", NOTES.read_text(), re.DOTALL)
    monkeypatch.setattr("boto3.client", lambda _: table.client)
    monkeypatch.setenv("TABLE", TABLE)
    monkeypatch.setenv("SHARDS", str(SHARDS))
    exec(compile(script, NOTES.name, "exec"), {})  # noqa: S102 (the page's own text)
    return capsys.readouterr().out


def test_the_upgrade_brings_old_items_into_the_lists(
    api: Any, table: FakeTable, form: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    before = {id_: record for id_, record in table.records().items() if is_live(record)}
    assert give_keys(table, monkeypatch, capsys).startswith(f"{len(live(form)) - len(listed(form))} items")
    assert give_keys(table, monkeypatch, capsys).startswith("0 items have the new keys; 0 were written")
    for status in ("", "active", "archived"):
        wanted = [item["id"] for item in live(form) if status in ("", item["status"])]
        found = api("GET", f"/items?limit=100{status and '&status='}{status}").json["items"]
        assert [item["id"] for item in found] == wanted
    # Nothing else has changed, version and ETag neither; what is no item has no keys.
    for id_, record in table.records().items():
        assert {"shard", "status_shard"} <= record.keys() if is_live(record) else "shard" not in record
        assert before.get(id_, record).items() <= record.items()


def test_the_upgrade_spares_what_is_written_meanwhile(
    api: Any, table: FakeTable, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    for record in FORMS["no token in items"]["records"]:
        table.client.put_item(TableName=TABLE, Item=record)

    def meanwhile(operation: str) -> None:
        if operation == "UpdateItem":
            table.before = None
            assert api("PUT", "/items/chosen", body={"name": "another"}).status == 200
            for gone in [item["id"]["S"] for item in table.items() if item["id"]["S"] != "chosen"]:
                assert api("DELETE", f"/items/{gone}").status == 204

    table.before = meanwhile
    assert "; 3 were written meanwhile" in give_keys(table, monkeypatch, capsys)
    assert [item["name"]["S"] for item in table.items()] == ["another"]


def answered(recorded: dict[str, Any], answer: dict[str, Any]) -> None:
    """Check that an answer says of an item what was recorded; the contract it obeys already."""
    assert {name: value for name, value in answer.items() if name in recorded} == {
        name: value for name, value in recorded.items() if name in answer
    }
    assert answer["id"] == recorded["id"]


def shape(record: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return the attributes of a record with their types."""
    return {name: kind for name, held in sorted(record.items()) for kind in held}


def test_an_old_item_is_read(api: Any, form: dict[str, Any]) -> None:
    for item in live(form):
        reply = api("GET", f"/items/{item['id']}")
        assert reply.status == 200, reply.text
        answered(item, reply.json)


@pytest.mark.parametrize("status", ["", "&status=active", "&status=archived"])
def test_old_items_are_listed(api: Any, form: dict[str, Any], status: str) -> None:
    reply = api("GET", f"/items?limit=100{status}")
    assert reply.status == 200, reply.text
    wanted = [item for item in listed(form) if status.endswith(item["status"]) or not status]
    assert len(wanted) == len(reply.json["items"])
    for item, answer in zip(wanted, reply.json["items"], strict=True):
        answered(item, answer)


def test_old_items_are_listed_page_by_page(api: Any, form: dict[str, Any]) -> None:
    found, url = [], "/items?limit=1"
    while url:
        page = api("GET", url).json
        found += [item["id"] for item in page["items"]]
        url = f"/items?limit=1&cursor={page['next_cursor']}" if "next_cursor" in page else ""
    assert found == [item["id"] for item in listed(form)]


def test_the_newest_form_is_listed() -> None:
    """So that the tests of lists read some."""
    assert listed(list(FORMS.values())[-1])


def test_an_old_item_comes_into_the_lists_with_its_next_write(api: Any, form: dict[str, Any]) -> None:
    """lambda/items/upgrade.md: a replacement of the same content is enough."""
    for item in live(form):
        url = f"/items/{item['id']}"
        found = api("GET", url)
        body = {name: found.json[name] for name in ("name", "description", "status")}
        assert api("PUT", url, body=body, headers={"If-Match": found.headers["ETag"]}).status == 200
    for status in ("", "active", "archived"):
        wanted = [item["id"] for item in live(form) if status in ("", item["status"])]
        found = api("GET", f"/items?limit=100{status and '&status='}{status}").json["items"]
        assert [item["id"] for item in found] == wanted


@pytest.mark.parametrize("conditional", [True, False])
def test_an_old_item_is_replaced(api: Any, table: FakeTable, form: dict[str, Any], conditional: bool) -> None:
    for item in live(form):
        url = f"/items/{item['id']}"
        headers = {"If-Match": api("GET", url).headers["ETag"]} if conditional else {}
        reply = api("PUT", url, body=BODY, headers=headers)
        assert reply.status == 200, reply.text
        expected = {"name": "changed", "version": item["version"] + 1, "created_at": item["created_at"]}
        assert reply.json.items() >= expected.items()
        assert api("GET", url).json == reply.json
        # What is written is of today's form, whatever was there.
        assert shape(table.records()[item["id"]]) == shape(newest_item())


@pytest.mark.parametrize("conditional", [True, False])
def test_an_old_item_is_deleted(api: Any, table: FakeTable, form: dict[str, Any], conditional: bool) -> None:
    for item in live(form):
        url = f"/items/{item['id']}"
        headers = {"If-Match": api("GET", url).headers["ETag"]} if conditional else {}
        assert api("DELETE", url, headers=headers).status == 204
        assert api("GET", url).outcome == (404, "not_found")
    assert table.items() == []


def test_an_old_creation_that_is_sent_again_gets_its_answer(api: Any, table: FakeTable, form: dict[str, Any]) -> None:
    claims = {record["item_id"]["S"] for record in form["records"] if record["id"]["S"].startswith(CLAIM_PREFIX)}
    before = table.records()
    assert form["retries"]
    for sent in form["retries"]:
        headers = {"Idempotency-Key": sent["key"]}
        reply = api("POST", "/items", body=sent["body"], headers=headers, api_key_id=CALLER)
        if since(sent["body"]):
            # By the contract of today it is another request: a default has come.
            assert reply.outcome == (409, "idempotency_conflict")
            continue
        assert reply.status == sent["status"], reply.text
        if reply.status == 201:
            assert reply.headers["Idempotency-Replayed"] == "true"
            assert reply.json["id"] in claims
    assert table.records() == before


def since(body: dict[str, Any]) -> set[str]:
    """Return fields with a default that were not in the contract when the retries were recorded."""
    schema = document("items")["components"]["schemas"]["ItemCreate"]
    defaults = {name for name, held in schema["properties"].items() if "default" in held}
    return defaults - {"description", "status"} - body.keys()


def test_an_id_with_an_old_tombstone_is_free(api: Any, table: FakeTable, form: dict[str, Any]) -> None:
    for record in form["records"]:
        if "deleted_at" in record:
            id_ = record["id"]["S"]
            for method, body in (("GET", None), ("PUT", BODY), ("DELETE", None)):
                assert api(method, f"/items/{id_}", body=body).outcome == (404, "not_found")
            assert api("POST", "/items", body={**BODY, "id": id_}).status == 201
            assert shape(table.records()[id_]) == shape(newest_item())


def newest(wanted: bool) -> dict[str, Any]:
    """Return a record of the newest form: an item, or an idempotency record."""
    records = list(FORMS.values())[-1]["records"]
    return next(record for record in records if is_live(record) is wanted)


def newest_item() -> dict[str, Any]:
    """Return an item of the newest form."""
    return newest(True)


def test_what_is_written_today_is_the_newest_form(api: Any, table: FakeTable) -> None:
    """So that the form of today is an old one tomorrow."""
    assert api("POST", "/items", body=BODY, headers={"Idempotency-Key": "k"}, api_key_id=CALLER).status == 201
    written = sorted(table.records().values(), key=is_live)
    assert [shape(record) for record in written] == [shape(newest(False)), shape(newest_item())], (
        f"the service writes another form of records: append it to old_records.yaml: {written}"
    )


def test_every_form_differs_from_the_one_before() -> None:
    forms = [{str(shape(record)) for record in form["records"]} for form in FORMS.values()]
    assert all(one != other for one, other in itertools.pairwise(forms))
