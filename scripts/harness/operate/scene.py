"""Scene of a drill: the stack, and what its tables held before anything was damaged. The services fill them."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.aws.smoke import Api, kept_of
from harness.base.errors import HarnessError
from harness.facts.script import Request, Script
from harness.operate.deployed import Deployed, Table
from harness.operate.recovery.items import Items, compare, read_items
from harness.terraform.context import Context

_RECORDS = 12
_REMOVED = 4  # every fourth, so that what a service keeps of removed records is there, too
_TAKEN = 409


@dataclass(frozen=True, slots=True)
class Scene:
    """Stack that a drill damages.

    Attributes:
        before: every record of every table before any damage.
        without_data: services whose data is not drilled.
    """

    context: Context
    deployed: Deployed
    scripts: tuple[Script, ...]
    before: Mapping[Table, Items]
    without_data: tuple[str, ...]

    @property
    def filled(self) -> tuple[Table, ...]:
        """Tables that hold anything."""
        return tuple(table for table, items in self.before.items() if items)

    @property
    def records(self) -> int:
        """Number of records in all tables."""
        return sum(map(len, self.before.values()))

    def lost(self) -> int:
        """Count records that differ from before."""
        client, now = self.context.aws.client("dynamodb"), time.time()
        left = [compare(table, read_items(client, table), items, now) for table, items in self.before.items()]
        return sum(one.missing + one.changed + one.later for one in left)

    def health(self, service: str) -> int | None:
        """Return the status of a service's first read; ``None`` when it has no such step."""
        reads = [one.health or one.listing for one in self.scripts if one.service == service]
        return self._status(reads[0]) if reads and reads[0] else None

    def listings(self) -> str:
        """Say how each service's list, or its health, is answered now."""
        return "; ".join(f"{one.method} {one.path} was answered {self._status(one)}" for one in self._reads()) or (
            "no service has a read to ask"
        )

    def answers(self) -> bool:
        """Tell whether each service's list, or its health, is answered as it should be."""
        return all(self._status(one) == one.status for one in self._reads())

    def _reads(self) -> list[Request]:
        return [read for one in self.scripts if (read := one.listing or one.health) is not None]

    def _status(self, request: Request) -> int:
        return Api(self.deployed.base_url, self.deployed.api_key).send(request, {}).status


def fill(deployed: Deployed, scripts: Sequence[Script]) -> tuple[str, ...]:
    """Create records through every service that can, and remove some of them again.

    Returns:
        Services without a step that creates and one that cleans up.

    Raises:
        HarnessError: a creation is not answered as its step says.
    """
    api = Api(deployed.base_url, deployed.api_key)
    able = [one for one in scripts if one.creation and one.removal]
    for script in able:
        _fill(api, script)
    return tuple(name for name in deployed.services if name not in {one.service for one in able})


def _fill(api: Api, script: Script) -> None:
    creation, removal = script.creation, script.removal
    if creation is None or removal is None or creation.needs:
        raise HarnessError(
            f"lambda/{script.service}/service.yaml (smoke): the creation needs what another step keeps",
            "put one first that needs nothing",
        )
    for number in range(_RECORDS):
        headers = {"idempotency-key": str(uuid.uuid4())} if creation.idempotent else {}
        reply = api.send(creation, {}, **headers)
        if reply.status == _TAKEN and number:
            return  # the service takes one body once: what there is must do
        if reply.status != creation.status:
            raise HarnessError(f"{creation.route} was answered {reply.status}", "make smoke shows more")
        if number % _REMOVED == 0:
            api.send(removal, kept_of(creation, reply))
