"""Old versions go; the newest, what any alias serves and the way back stay; the unpublished code is never named."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.aws.clients import Aws
from harness.operate.release import Alias, Record, RecordStore, Running, find_expendable, prune
from harness.operate.release.pruning import KEPT, expendable
from harness.operate.release.record import Process

TWENTY = tuple(str(number) for number in range(1, 21))


def running(source: str, target: str) -> Running:
    return Running(source, target, 10, "", "kay@here", Process("here", 1, 0.0), 0.0)


@pytest.mark.parametrize("count", range(KEPT + 1))
def test_a_few_versions_all_stay(count: int) -> None:
    assert expendable(TWENTY[:count], (), Record()) == ()


def test_the_newest_stay() -> None:
    assert expendable(TWENTY, {"20"}, Record(("20",))) == TWENTY[:-KEPT]


@pytest.mark.parametrize(
    ("routed", "record", "kept"),
    [
        ({"3", "9"}, Record(), {"3", "9"}),
        ({"20"}, Record(("4", "7", "20")), {"4", "7"}),
        # A version that was live twice is one step of the way back; what is gone already is none.
        ({"20"}, Record(("1", "2", "3", "4", "5", "gone", "6", "5", "20")), {"2", "3", "4", "5", "6"}),
        ({"2"}, Record(("1", "2"), running=running("2", "3")), {"1", "2", "3"}),
        ({"2"}, Record((), {"20": "an alarm"}), {"2"}),
    ],
)
def test_what_serves_or_leads_back_stays(routed: set[str], record: Record, kept: set[str]) -> None:
    gone = set(expendable(TWENTY, routed, record))
    assert set(TWENTY[:-KEPT]) - gone == kept


def test_after_any_number_of_releases_five_rollbacks_remain() -> None:
    versions: tuple[str, ...] = ("1",)
    record = Record(("1",))
    for number in range(2, 40):
        target = str(number)
        versions = (*versions, target)
        record = Record(record.history, running=running(record.history[-1], target)).finished()
        doomed = expendable(versions, {target}, record)
        versions = tuple(version for version in versions if version not in doomed)
        assert len(versions) <= KEPT + 1
    for number in range(KEPT):
        back = record.previous(versions)
        assert back == str(38 - number)
        record = Record(record.history, running=running(back, record.history[-1])).taken_back("by hand")


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
    alias = Alias(cast(Aws, SimpleNamespace(client=lambda _: functions)), "api-items-dev", "live")
    found = find_expendable(alias, cast(RecordStore, SimpleNamespace(load=Record)))
    assert found == TWENTY[2:-KEPT]
    prune(alias, found)
    assert functions.deleted == [{"FunctionName": "api-items-dev", "Qualifier": version} for version in found]


@pytest.mark.parametrize("version", ["", "$LATEST", "live"])
def test_nothing_but_a_version_is_ever_deleted(version: str) -> None:
    functions = Functions()
    alias = Alias(cast(Aws, SimpleNamespace(client=lambda _: functions)), "api-items-dev", "live")
    with pytest.raises(AssertionError):
        alias.delete(version)
    assert functions.deleted == []
