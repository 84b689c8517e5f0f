"""The typed plan. Frozen; a resource's values are decoded when asked, and secrets replaced as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from harness.plan.actions import Action
from harness.plan.addresses import pieces
from harness.plan.configuration import Configuration
from harness.plan.sealing import seal, secret_texts
from harness.plan.secrets import Secrets
from harness.plan.sides import Values
from harness.plan.values import Step, ValueMissingError


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One resource instance and what happens to it.

    Attributes:
        address: full address with indexes, e.g. ``module.api.aws_api_gateway_method.this["listItems"]``.
        module: the module's address with indexes, ``""`` for the root.
        index: the instance key of ``count`` or ``for_each``, else ``None``.
        provider: the provider's source address, e.g. ``registry.terraform.io/hashicorp/aws``.
        importing: the id an ``import`` block adopts (``""`` when not yet known), ``None`` when nothing is.
        previous_address: where it stood before a ``moved`` block, else ``""``.
        deposed: key of a left-over object of an unfinished replacement, else ``""``.
        reason: Terraform's reason for the action, e.g. ``replace_because_cannot_update``, else ``""``.
        forced_by: steps to each attribute whose change forces the replacement.
        untold: paths of values that are unknown on both sides and may differ, as :func:`harness.plan.since` finds them.
    """

    address: str
    module: str
    mode: Literal["managed", "data"]
    type: str
    name: str
    index: int | str | None
    provider: str
    action: Action
    importing: str | None
    previous_address: str
    deposed: str
    reason: str
    _before: Values = field(repr=False)
    _after: Values = field(repr=False)
    forced_by: tuple[tuple[Step, ...], ...] = ()
    untold: tuple[str, ...] = ()

    def sealed(self, secrets: Secrets) -> tuple[object, object]:
        """Return both sides for a comparison; see :func:`harness.plan.sealing.seal`."""
        return seal(self._before.masked(), self._after.masked(), secrets, attributes=True)

    @property
    def stays(self) -> bool:
        """Whether the object is Terraform's after the change."""
        return self.action not in (Action.DELETE, Action.FORGET)

    @property
    def before(self) -> object:
        """The values before the change (``None`` on create), marks in place."""
        return self._before.tree()

    @property
    def after(self) -> object:
        """The values after the change (``None`` on delete and forget), marks in place."""
        return self._after.tree()

    def value(self, path: str) -> object:
        """Return the planned value at ``a.b[0].c``; ``UNKNOWN`` or ``SENSITIVE`` when that is what it is.

        Raises:
            ValueMissingError: nothing stands there; it is never taken for null.
        """
        return self._at(self._after, path, "after")

    def find(self, path: str) -> object:
        """Return the planned value at a path, ``None`` where nothing stands; for rules, which then find it lacking."""
        try:
            return self.value(path)
        except ValueMissingError:
            return None

    def find_before(self, path: str) -> object:
        """Return the value before the change, ``None`` where nothing stood."""
        try:
            return self.value_before(path)
        except ValueMissingError:
            return None

    def value_before(self, path: str) -> object:
        """Return the value before the change. Raises as :meth:`value` does."""
        return self._at(self._before, path, "before")

    def _at(self, values: Values, path: str, side: str) -> object:
        if not values.exists:
            raise ValueMissingError(f"{self.address} ({self.action}) has no values {side} the change")
        return values.at(path, where=self.address)


@dataclass(frozen=True, slots=True)
class OutputChange:
    """A root output and what happens to it."""

    name: str
    action: Action
    sensitive: bool
    _before: Values = field(repr=False)
    _after: Values = field(repr=False)
    untold: tuple[str, ...] = ()

    def sealed(self, secrets: Secrets) -> tuple[object, object]:
        """Return both sides for a comparison; see :func:`harness.plan.sealing.seal`."""
        return seal(self._before.masked(), self._after.masked(), secrets)

    @property
    def after(self) -> object:
        """The planned value, marks in place."""
        return self._after.tree()


def nearest(source: ResourceChange, instances: Sequence[ResourceChange]) -> list[ResourceChange]:
    """Choose the instances that a resource refers to: references do not tell a key that is made from each.key.

    Those of the same module instance, then that of the same key; where none is, all of them.
    """
    inside = [one for one in instances if one.module == source.module] or list(instances)
    return [one for one in inside if one.index == source.index] or inside


class CheckStatus(StrEnum):
    """A check's outcome; ``UNKNOWN`` is decided at apply."""

    PASS = "pass"  # noqa: S105 (an outcome, not a password)
    FAIL = "fail"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """A check block, condition or validation, with the messages of its failures.

    Attributes:
        kind: ``check``, ``resource``, ``output_value`` or ``var``.
    """

    address: str
    kind: str
    status: CheckStatus
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan.

    Attributes:
        resources: by full address, in Terraform's order; without deposed objects.
        deposed: left-over objects of unfinished replacements; Terraform deletes them.
        drift: what was changed outside Terraform since the last apply.
        variables: root variables; sensitive ones are ``SENSITIVE``.
        complete: false when Terraform put changes off to a later plan.
        applyable: false when there is nothing to apply, or it cannot be.
        beside: values that are in no change and may be sensitive: those of variables and of data sources.
    """

    format_version: str
    terraform_version: str
    resources: Mapping[str, ResourceChange] = field(repr=False)
    deposed: tuple[ResourceChange, ...]
    drift: tuple[ResourceChange, ...]
    outputs: Mapping[str, OutputChange] = field(repr=False)
    checks: tuple[Check, ...]
    variables: Mapping[str, object]
    configuration: Configuration = field(repr=False)
    complete: bool
    applyable: bool
    beside: tuple[Values, ...] = field(default=(), repr=False)

    def secrets(self) -> Secrets:
        """Collect what is sensitive anywhere in the plan, decoding only what may be; for :meth:`ResourceChange.sealed`.

        Collected anew on every call, as no secret is kept longer than it is needed.
        """
        changed: list[ResourceChange | OutputChange] = [*self.resources.values(), *self.deposed, *self.drift]
        changed += self.outputs.values()
        pairs = ((one._before, one._after) for one in changed)
        alone = ((one, one) for one in self.beside)
        return Secrets.of(
            text
            for before, after in (*pairs, *alone)
            if before.hides or after.hides
            for text in secret_texts(before.masked(), after.masked())
        )

    def resource(self, address: str) -> ResourceChange:
        """Return the resource at an address.

        Raises:
            ValueMissingError: names up to five addresses of the same type.
        """
        try:
            return self.resources[address]
        except KeyError:
            near = [known for known in self.resources if _type_in(address) in known][:5]
            raise ValueMissingError(
                f"no {address} in the plan",
                f"did you mean {', '.join(near)}?" if near else "the plan holds no resource of that type",
            ) from None

    def of_type(self, *types: str) -> tuple[ResourceChange, ...]:
        """List every managed resource of these types that exists after the change."""
        return tuple(change for change in self.all_of_type(*types) if change.stays)

    def all_of_type(self, *types: str) -> tuple[ResourceChange, ...]:
        """List every managed resource of these types, those that go away included."""
        return tuple(change for change in self.resources.values() if change.type in types and change.mode == "managed")

    def references(self, address: str, attribute: str) -> frozenset[str]:
        """Return what a resource's attribute is made from, followed through variables and outputs of modules.

        Addresses carry their module path without indexes, e.g. ``module.function.aws_lambda_alias.live.arn``.

        Raises:
            ValueMissingError: no such resource or attribute in the configuration.
        """
        change = self.resource(address)
        return self.configuration.references(change.module, change.type, change.name, change.mode, attribute)

    def output_references(self, name: str) -> frozenset[str]:
        """Return what a root output is made from; see :meth:`references`."""
        return self.configuration.output_references(name)


def _type_in(address: str) -> str:
    """Return the resource type inside an address: the last ``type.name`` pair's first half."""
    parts = pieces(address)
    return parts[-2] if len(parts) > 1 else address
