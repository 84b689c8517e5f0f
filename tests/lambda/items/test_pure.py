"""Settings, cursors, decisions: whatever comes in, a value or a Problem comes out."""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from items import cursor, logic, records, settings
from items.model import Entry, Item, Run, Shards, timestamp
from items.problems import Code
from rest.problems import Problem
from rest.settings import SettingsError

NEEDED = {"TABLE_NAME": "t", "LIST_SHARDS_READ": "4", "LIST_SHARDS_WRITE": "2"}
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SORT_KEYS = st.builds(
    lambda moment, item_id: f"{timestamp(moment)}#{item_id}",
    st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),
    st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
)
STATUSES = st.sampled_from([None, "active", "archived"])


def item(number: int = 1) -> Item:
    moment = timestamp(NOW + timedelta(seconds=number))
    return Item(f"i{number}", "n", "", "active", 1, moment, moment)


# --- settings


def test_settings_name_everything_that_is_missing_at_once() -> None:
    with pytest.raises(SettingsError, match=r"empty: TABLE_NAME, LIST_SHARDS_READ, LIST_SHARDS_WRITE$"):
        settings.load({"TABLE_NAME": ""})
    with pytest.raises(SettingsError, match=r"empty: TABLE_NAME$"):
        settings.load({name: value for name, value in NEEDED.items() if name != "TABLE_NAME"})


def test_settings_are_those_of_the_environment() -> None:
    assert settings.load(NEEDED) == settings.Settings("t", Shards(read=4, write=2))


@pytest.mark.parametrize(
    ("read", "write"), [("1", "2"), ("1", "0"), ("two", "1"), ("2", "-1"), ("2", "1.0"), ("²", "1")]
)
def test_shards_that_hide_items_are_refused(read: str, write: str) -> None:
    with pytest.raises(SettingsError, match=f"LIST_SHARDS_WRITE '{write}', LIST_SHARDS_READ '{read}': must be"):
        settings.load(NEEDED | {"LIST_SHARDS_READ": read, "LIST_SHARDS_WRITE": write})


def test_time_bounds_nest_below_ten_seconds() -> None:
    """10 s is the timeout of both environments; the rule over the plan checks the real one."""
    assert abs(settings.SDK_WORST_CASE_SECONDS - (3 * (0.5 + 0.9) + 1 + 2)) < 1e-9
    assert settings.SDK_WORST_CASE_SECONDS < 10 - settings.HANDLER_MARGIN_SECONDS


# --- cursors


@given(SORT_KEYS, STATUSES)
def test_cursors_come_back_as_they_were(sort_key: str, status: str | None) -> None:
    token = cursor.encode(sort_key, status)
    assert cursor.decode(token, status) == sort_key
    assert len(token) <= 256


@given(SORT_KEYS, STATUSES, STATUSES)
def test_a_cursor_belongs_to_its_filter(sort_key: str, made_for: str | None, used_for: str | None) -> None:
    token = cursor.encode(sort_key, made_for)
    if made_for != used_for:
        with pytest.raises(Problem) as caught:
            cursor.decode(token, used_for)
        assert caught.value.code is Code.INVALID_CURSOR


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Problem) as caught:
        cursor.decode(text, None)
    assert caught.value.code is Code.INVALID_CURSOR


@pytest.mark.parametrize(
    "content",
    [
        [1, "idem#abc", ""],
        [1, "2026-01-31T12:00:00.000000Z#a", "wrong"],
        [1, "2026-01-31T12:00:00.000000Z#a\n", ""],
        [2, "2026-01-31T12:00:00.000000Z#a", ""],
        [1, 7, ""],
        [],
        {"1": 2},
        "text",
        None,
    ],
)
def test_forged_cursors_are_refused(content: object) -> None:
    filter_hash = json.loads(base64.urlsafe_b64decode(cursor.encode(item().sort_key, None) + "=="))[2]
    if isinstance(content, list) and content and content[-1] == "":
        content = [*content[:-1], filter_hash]
    token = base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).rstrip(b"=").decode()
    with pytest.raises(Problem):
        cursor.decode(token, None)


def test_a_deep_cursor_is_refused() -> None:
    with pytest.raises(Problem):
        cursor.decode(base64.urlsafe_b64encode(b"[" * 99_999).decode(), None)


def test_one_place_has_one_cursor() -> None:
    token = cursor.encode(item().sort_key, None)
    for other in (token + "=", token + "A", " " + token, token.replace("W", "W\n", 1)):
        with pytest.raises(Problem):
            cursor.decode(other, None)


# --- decisions


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_timestamps_sort_as_their_moments(one: datetime, other: datetime) -> None:
    years = {one.year, other.year}
    if min(years) >= 1000:  # strftime does not pad earlier years; the clock is far from there
        assert (timestamp(one) < timestamp(other)) == (one < other)
        assert len(timestamp(one)) == 27


def test_timestamps_are_utc() -> None:
    assert timestamp(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == "2025-12-31T23:00:00.000000Z"


def test_a_claim_depends_on_caller_and_key_and_fingerprints_the_body() -> None:
    fresh = logic.Fresh(NOW, "made-up", "token")
    first = logic.new_claim("a", "k", {"name": "n", "status": "active"}, fresh)
    assert first.key != logic.new_claim("b", "k", {}, fresh).key
    assert first.key != logic.new_claim("a", "k2", {}, fresh).key
    assert logic.new_claim("a,b", "c", {}, fresh).key != logic.new_claim("a", "b,c", {}, fresh).key
    assert first.fingerprint == logic.new_claim("x", "y", {"status": "active", "name": "n"}, fresh).fingerprint
    assert first.expires_at - NOW.timestamp() == 24 * 3600
    assert (first.item_id, logic.new_claim("a", "k", {"id": "mine"}, fresh).item_id) == ("made-up", "mine")
    with pytest.raises(Problem) as caught:
        logic.replayed_item(first, logic.new_claim("a", "k", {"name": "m"}, fresh), {})
    assert caught.value.code is Code.IDEMPOTENCY_CONFLICT


def test_a_tag_names_one_version_of_one_item() -> None:
    one = item(1)
    tags = {one.etag, replace(one, version=2).etag, replace(one, created_at=item(2).created_at).etag}
    assert len(tags) == 3
    for if_match in (None, "*", one.etag):
        assert logic.matching(one, if_match) is one
    for if_match in tags - {one.etag}:
        with pytest.raises(Problem) as caught:
            logic.matching(one, if_match)
        assert caught.value.code is Code.VERSION_MISMATCH
    for if_match in (None, "*", one.etag):
        with pytest.raises(Problem) as caught:
            logic.matching(None, if_match)
        assert caught.value.code is Code.NOT_FOUND


PLACES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), unique_by=lambda one: one[0], max_size=20)


@given(PLACES, st.integers(1, 4), st.lists(st.integers(1, 5), min_size=4, max_size=4))
@example([(0, 0), (1, 1), (2, 0)], 2, [1, 1, 1, 1])  # the shard that stopped has an entry before the other shard's
def test_pages_merge_what_shards_hold_without_loss_or_repeat(
    places: list[tuple[int, int]], wanted: int, answered: list[int]
) -> None:
    """Also where a shard's answer stops before it has as many entries as were asked for."""
    held = sorted((Entry(f"i{number}", f"{number:02}") for number, _ in places), key=lambda one: one.sort_key)[::-1]
    shard_of = {f"i{number}": shard for number, shard in places}

    def run(shard: int, after: str | None) -> Run:
        left = [one for one in held if shard_of[one.id] == shard and (after is None or one.sort_key < after)]
        entries = tuple(left[: min(answered[shard], wanted + 1)])
        return Run(entries, entries[-1].sort_key if len(left) > len(entries) else None)

    found: list[Entry] = []
    after: str | None = None
    for _ in range(len(held) + 1):
        page, after = logic.newest([run(shard, after) for shard in range(4)], wanted)
        assert len(page) <= wanted
        found += page
        if after is None:
            break
    assert found == held


def test_a_full_page_says_whether_the_list_goes_on() -> None:
    entries = tuple(Entry(f"i{number}", str(number)) for number in (3, 2, 1))
    assert logic.newest([Run(entries, None), Run((), None)], 3) == (list(entries), None)
    assert logic.newest([Run(entries, None)], 2) == (list(entries[:2]), "2")
    assert logic.newest([Run((), None)], 2) == ([], None)


@given(SORT_KEYS, st.integers(1, 64))
def test_a_shard_is_one_of_those_that_are_written(sort_key: str, shards: int) -> None:
    assert int(records.shard_of(sort_key, shards)) in range(shards)
    assert records.shard_of(sort_key, shards) == records.shard_of(sort_key, shards)


def test_shards_share_the_load_evenly() -> None:
    counted = Counter(records.shard_of(item(number).sort_key, 4) for number in range(4000))
    assert set(counted) == {"0", "1", "2", "3"} and all(900 < count < 1100 for count in counted.values())


def test_an_items_entries_stay_in_their_shard() -> None:
    held = records.to_item(records.from_item(item(), 2))
    assert records.from_item(held, 64)["shard"] == records.from_item(item(), 2)["shard"]
    assert "shard" not in held.document()


def test_an_entry_stands_for_its_own_item_alone() -> None:
    record = records.from_item(item(1), 2)
    entry = Entry("i1", item(1).sort_key)
    assert records.listed(entry, None, record) == records.listed(entry, "active", record) == item(1)
    assert records.listed(entry, "archived", record) is None
    assert records.listed(entry, None, {}) is None
    # Another item has taken the id since: it has a place of its own.
    assert records.listed(replace(entry, sort_key=item(2).sort_key), None, record) is None
