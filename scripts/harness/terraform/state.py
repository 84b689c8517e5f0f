"""The remote state: where it lives, what it holds, who locks it. Reads the bucket with boto3, never writes a state."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.aws.clients import Aws
from harness.aws.missing import unless_missing
from harness.base.errors import HarnessError
from harness.base.paths import Target


def backend_config(aws: Aws, bucket: str, key: str) -> dict[str, str]:
    """``-backend-config`` values for ``terraform init``.

    The local AWS serves buckets by path, not by host name, hence path style there.
    """
    config = {"bucket": bucket, "key": key, "region": aws.region}
    return {**config, "use_path_style": "true"} if aws.target is Target.LOCAL else config


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds the state.

    Attributes:
        lock_id: what ``terraform force-unlock`` wants.
        who: ``user@host``.
        created: since when, RFC 3339.
    """

    lock_id: str
    who: str
    operation: str
    created: str


@dataclass(frozen=True, slots=True)
class State:
    """One stack's state object in the bucket."""

    aws: Aws
    bucket: str
    key: str

    def lock(self) -> Lock | None:
        """Return the current lock (S3-native locking keeps it in ``<key>.tflock``), or ``None``."""
        data = self._read(f"{self.key}.tflock")
        if data is None:
            return None
        info = json.loads(data)
        return Lock(info["ID"], info["Who"], info["Operation"], info["Created"])

    def resources(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """(type, attributes) of every managed resource instance; nothing when there is no state yet.

        Raises:
            HarnessError: the state cannot be read, or is damaged.
        """
        for resource in self.document()["resources"]:
            if resource["mode"] == "managed":
                yield from ((resource["type"], instance["attributes"]) for instance in resource["instances"])

    def exists(self) -> bool:
        """Tell whether a state with at least one resource was written."""
        return next(self.resources(), None) is not None

    def outputs(self) -> dict[str, Any]:
        """Root outputs by name, sensitive ones included: callers decide what may be shown.

        Read here, not by ``terraform output``, which takes half a second and an initialised folder for it.

        Raises:
            HarnessError: as for :meth:`resources`.
        """
        return {name: output["value"] for name, output in self.document()["outputs"].items()}

    def document(self) -> Mapping[str, Any]:
        """Read the state's resources and outputs; none of either when no state was written yet.

        Raises:
            HarnessError: the state cannot be read, or is damaged.
        """
        data = self._read(self.key)
        try:
            document: Mapping[str, Any] = {"resources": [], "outputs": {}} if data is None else json.loads(data)
            return {"resources": document["resources"], "outputs": document["outputs"]}
        except (ValueError, TypeError, KeyError) as error:
            raise damaged(self) from error

    def _read(self, key: str) -> bytes | None:
        return unless_missing(
            lambda: bytes(self.aws.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()),
            f"cannot read the state {key}",
            "check the permissions on the bucket",
        )


def damaged(state: State) -> HarnessError:
    """Say that a state object is no state, and how to get the last whole one back."""
    return HarnessError(f"the state {state.key} is damaged", "make restore WHAT=state brings it back")
