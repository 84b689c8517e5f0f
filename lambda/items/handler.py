"""The Lambda entry point: which function answers which operation. Decides nothing about items."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from items import service, settings
from items.model import Item
from items.problems import Code
from items.store import Store, connect
from rest.answers import Answer, json_answer, text_answer
from rest.app import App, Request

app = App(parameter_codes={"cursor": Code.INVALID_CURSOR})
SETTINGS: Final = settings.load(os.environ)
STORE: Final = Store(connect(app.settings.region), SETTINGS.table_name, SETTINGS.shards)


@app.answers("createItem")
def create_item(request: Request) -> Answer:
    """Create an item."""
    key = request.parameters.header.get("Idempotency-Key")
    created = service.create_item(_store(request), request.body(), key, request.caller)
    # Relative, because neither stage nor custom domain nor proxy can then make it wrong.
    parent = "" if request.event["path"].endswith("/") else "items/"
    headers = {"Location": parent + created.item.id} | ({"Idempotency-Replayed": "true"} if created.replayed else {})
    return _item(201, created.item, headers)


@app.answers("listItems")
def list_items(request: Request) -> Answer:
    """List a page of items."""
    query = request.parameters.query
    page, cursor = service.list_items(_store(request), query["limit"], query.get("status"), query.get("cursor"))
    document: dict[str, Any] = {"items": [item.document() for item in page.items]}
    return json_answer(200, document | ({"next_cursor": cursor} if cursor else {}))


@app.answers("getItem")
def get_item(request: Request) -> Answer:
    """Read an item."""
    return _item(200, service.get_item(_store(request), request.parameters.path["id"]))


@app.answers("replaceItem")
def replace_item(request: Request) -> Answer:
    """Replace an item."""
    item_id, if_match = request.parameters.path["id"], request.parameters.header.get("If-Match")
    return _item(200, service.replace_item(_store(request), item_id, request.body(), if_match))


@app.answers("deleteItem")
def delete_item(request: Request) -> Answer:
    """Delete an item."""
    item_id, if_match = request.parameters.path["id"], request.parameters.header.get("If-Match")
    service.delete_item(_store(request), item_id, if_match)
    return text_answer(204)


@app.answers("getHealth")
def get_health(_: Request) -> Answer:
    """Tell that the function runs, without touching the table."""
    return json_answer(200, {"status": "ok", "version": app.settings.function_version})


handler = app.handler


def _store(request: Request) -> Store:
    """Let the table have the time that the request has."""
    STORE.budget = request.budget
    return STORE


def _item(status: int, item: Item, headers: Mapping[str, str] | None = None) -> Answer:
    return json_answer(status, item.document(), {"ETag": item.etag, **(headers or {})})
