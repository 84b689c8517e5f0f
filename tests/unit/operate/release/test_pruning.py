"""Old versions go; the newest, what any alias serves and the way back stay; the unpublished code is never named."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.aws.clients import Aws
from harness.base.process import Process
from harness.operate.release.alias import Alias
from harness.operate.release.pruning import KEPT, expendable, find_expendable, prune
from harness.operate.release.record import Line, Move, Record, Running, Served
from harness.operate.release.store import RecordStore

TWENTY = tuple(str(number) for number in range(1, 21))


def running(source: str, target: str) -> Running:
    return Running({"f": Move(source, target)}, 10, "", True, "kay@here", Process("here", 1, 0.0), 0.0)


def live(*versions: str, **more: Any) -> Record:
    """A record of one function's releases, one after the other."""
    line = Line(tuple(Served(version, number) for number, version in enumerate(versions)), more.pop("rejected", {}))
    return Record({"f": line}, **more)


@pytest.mark.parametrize("count", range(KEPT + 1))
def test_a_few_versions_all_stay(count: int) -> None:
    assert expendable("f", TWENTY[:count], (), Record()) == ()


def test_the_newest_stay() -> None:
    assert expendable("f", TWENTY, {"20"}, live("20")) == TWENTY[:-KEPT]


@pytest.mark.parametrize(
    ("routed", "record", "kept"),
    [
        ({"3", "9"}, Record(), {"3", "9"}),
        ({"20"}, live("4", "7", "20"), {"4", "7"}),
        # A version that was live twice is one step of the way back; what is gone already is none.
        ({"20"}, live("1", "2", "3", "4", "5", "gone", "6", "5", "20"), {"2", "3", "4", "5", "6"}),
        ({"2"}, live("1", "2", running=running("2", "3")), {"1", "2", "3"}),
        ({"2"}, live(rejected={"20": "an alarm"}), {"2"}),
    ],
)
def test_what_serves_or_leads_back_stays(routed: set[str], record: Record, kept: set[str]) -> None:
    gone = set(expendable("f", TWENTY, routed, record))
    assert set(TWENTY[:-KEPT]) - gone == kept


def test_after_any_number_of_releases_five_rollbacks_remain() -> None:
    versions: tuple[str, ...] = ("1",)
    record = live("1")
    for number in range(2, 40):
        target = str(number)
        versions = (*versions, target)
        record = replace(record, running=running(record.line("f").live, target)).finished()
        doomed = expendable("f", versions, {target}, record)
        versions = tuple(version for version in versions if version not in doomed)
        assert len(versions) <= KEPT + 1
    for number in range(KEPT):
        back = record.line("f").previous(versions)
        assert back == str(38 - number)
        record = replace(record, running=running(back, record.line("f").live)).taken_back("by hand")


def test_another_functions_releases_keep_none_of_its_versions() -> None:
    record = live("1", "2", running=running("3", "4"))
    assert set(expendable("g", TWENTY, {"20"}, record)) == set(TWENTY[:-KEPT])


class Functions:
    """Two pages of versions and of aliases, one of which is another's."""

    def __init__(self) -> None:
        self.deleted: list[dict[str, str]] = []

    def list_versions_by_function(self, FunctionName: str, Marker: str = "") -> dict[str, Any]:
        named = TWENTY[10:] if Marker else ("$LATEST", *TWENTY[:10])
        page = {"Versions": [{"Version": version} for version in named]}
        return page if Marker else {**page, "NextMarker": "more"}

    def list_aliases(self, FunctionName: str, Marker: str = "") -> dict[str, Any]:
        if not Marker:
            return {"Aliases": [{"Name": "live", "FunctionVersion": "20"}], "NextMarker": "more"}
        weights = {"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}}
        return {"Aliases": [{"Name": "other", "FunctionVersion": "1", **weights}]}

    def delete_function(self, **asked: str) -> None:
        self.deleted.append(asked)


def test_other_aliases_keep_theirs_and_each_version_is_deleted_by_its_number() -> None:
    functions = Functions()
    alias = Alias(cast(Aws, SimpleNamespace(client=lambda _: functions)), "function", "live")
    found = find_expendable(alias, cast(RecordStore, SimpleNamespace(load=Record)))
    assert found == TWENTY[2:-KEPT]
    prune(alias, found)
    assert functions.deleted == [{"FunctionName": "function", "Qualifier": version} for version in found]


@pytest.mark.parametrize("version", ["", "$LATEST", "live"])
def test_nothing_but_a_version_is_ever_deleted(version: str) -> None:
    functions = Functions()
    alias = Alias(cast(Aws, SimpleNamespace(client=lambda _: functions)), "function", "live")
    with pytest.raises(AssertionError):
        alias.delete(version)
    assert functions.deleted == []
