"""The remote state: where it lives, what it holds, who locks it. Reads the bucket with boto3, never writes a state."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import msgspec

from harness.aws.clients import Aws
from harness.aws.missing import unless_missing
from harness.base.errors import HarnessError
from harness.base.paths import Target
from harness.base.stored import read_json
from harness.typed.known_types import known

FORMAT = 4
"""Version of the states that Terraform writes."""


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


class _Instance(msgspec.Struct):
    attributes: dict[str, Any] | None = None


class _Resource(msgspec.Struct):
    mode: str
    type: str
    name: str
    instances: list[_Instance]


class _Output(msgspec.Struct):
    value: Any


class _Shape(msgspec.Struct):
    """Parts that a state has."""

    version: int
    serial: int
    lineage: str
    resources: list[_Resource]
    outputs: dict[str, _Output]


class OtherVersionError(ValueError):
    """A state is written in a format that is not understood here."""


def parse_state(data: bytes) -> Mapping[str, Any]:
    """Parse the bytes of a state: the one reader of what a state may look like.

    Raises:
        OtherVersionError: another Terraform wrote it.
        ValueError: it is empty, truncated or something else.
    """
    document = read_json(data)
    version = document.get("version") if isinstance(document, dict) else None
    if isinstance(version, int) and version != FORMAT:
        raise OtherVersionError(f"has format version {version}, not {FORMAT}")
    try:
        msgspec.convert(document, known(_Shape))
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    whole: Mapping[str, Any] = document
    return whole


def managed(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """List type and attributes of every managed resource instance of a state that was parsed."""
    for resource in document["resources"]:
        if resource["mode"] == "managed":
            yield from ((resource["type"], instance.get("attributes") or {}) for instance in resource["instances"])


@dataclass(frozen=True, slots=True)
class State:
    """One stack's state object in the bucket.

    Attributes:
        accept: raises where what was read, or that there is none, cannot be the stack's.
        foreign: says by which name a state is another stack's; empty: by none.
    """

    aws: Aws
    bucket: str
    key: str
    accept: Callable[[Mapping[str, Any] | None], object] = bool
    foreign: Callable[[Mapping[str, Any]], str] = lambda _: ""

    def beside(self, key: str) -> Self:
        """Return the state of another stack in the same bucket; what it holds is that stack's to judge."""
        return type(self)(self.aws, self.bucket, key)

    def lock(self) -> Lock | None:
        """Return the current lock (S3-native locking keeps it in ``<key>.tflock``), or ``None``.

        Raises:
            HarnessError: it cannot be read, or says not who holds it.
        """
        data = self._read(f"{self.key}.tflock")
        if data is None:
            return None
        try:
            info = read_json(data)
            return Lock(info["ID"], info["Who"], info["Operation"], info["Created"])
        except (ValueError, TypeError, KeyError) as error:
            raise HarnessError(
                f"the lock {self.key}.tflock is empty or torn: nobody can tell who holds it",
                "see docs/runbooks/stuck-lock.md: when it is certain that nothing runs, delete the lock",
            ) from error

    def resources(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """(type, attributes) of every managed resource instance; nothing when there is no state yet.

        Raises:
            HarnessError: the state cannot be read, or is damaged.
        """
        yield from managed(self.document())

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
            HarnessError: the state cannot be read, is damaged, of another Terraform, or not the stack's.
        """
        data = self._read(self.key)
        document = None if data is None else self._parsed(data)
        self.accept(document)
        return {"resources": [], "outputs": {}} if document is None else document

    def _parsed(self, data: bytes) -> Mapping[str, Any]:
        try:
            return parse_state(data)
        except OtherVersionError as error:
            raise HarnessError(
                f"the state {self.key} {error}", "use the Terraform that wrote it; or make restore WHAT=state"
            ) from error
        except ValueError as error:
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
