"""Every resource type that can be created has a way to be recovered."""

import re

from tests.support.builder import Res, plan

from harness.base.paths import REPO
from harness.operate.adopt.finders import ADOPTED, WRITTEN_AGAIN, unknown_types


def types_of_the_modules() -> set[str]:
    files = (REPO / "modules").glob("*/*.tf")
    return {kind for path in files for kind in re.findall(r'^resource "(\w+)"', path.read_text(), re.MULTILINE)}


def test_every_type_of_the_modules_is_known() -> None:
    used = types_of_the_modules()
    assert len(used) > 20
    unknown = used - ADOPTED.keys() - WRITTEN_AGAIN.keys()
    assert not unknown, (
        f"say in operate/adopt/finders.py or plan/resource_types.py of scripts/harness what an interrupted apply does "
        f"about {sorted(unknown)}"
    )


def test_no_type_is_in_both_groups_or_used_no_more() -> None:
    assert not ADOPTED.keys() & WRITTEN_AGAIN.keys()
    unused = (ADOPTED.keys() | WRITTEN_AGAIN.keys()) - types_of_the_modules()
    assert not unused


def test_a_type_that_is_not_known_is_named_and_only_where_it_was_to_be_created() -> None:
    queue, bucket = Res("aws_sqs_queue.this", {"name": "q"}), Res("aws_s3_bucket.this", {}, action="update", before={})
    assert unknown_types(plan(queue, bucket, Res("aws_dynamodb_table.this", {"name": "t"}))) == ("aws_sqs_queue",)
