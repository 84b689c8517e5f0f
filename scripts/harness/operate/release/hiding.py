"""Versions of a function that would hide each other's items: told before a release lets both answer."""

from collections.abc import Mapping

from harness.facts.tables import shard_number, shard_variables


def hidden(environment: Mapping[str, str], serves: Mapping[str, str], comes: Mapping[str, str]) -> str:
    """Say which of two versions writes to shards that the other does not read; empty when neither does.

    The rule over a plan compares with what was applied last, which may never have been released.

    Args:
        environment: of the service: what each variable holds.
        serves: variables of the version that serves.
        comes: variables of the version that is to serve.
    """
    for table, names in shard_variables(environment).items():
        for writer, reader, said in (
            (comes, serves, "new version would write"),
            (serves, comes, "live version writes"),
        ):
            writes = shard_number(writer.get(names.get("write", "")))
            reads = shard_number(reader.get(names.get("read", "")))
            if writes is not None and reads is not None and writes > reads:
                return (
                    f"the {said} to {writes} shards of {table}, and the other one reads {reads}: lists would lack items"
                )
    return ""
