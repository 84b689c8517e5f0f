"""Changes of a plan, in the order in which a reader should see them. No secret is in any of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from harness.changes.edits import Edit, edits, edits_of_value, forcing
from harness.changes.following import drifted
from harness.changes.types import Changed
from harness.plan import Action, OutputChange, Plan, ResourceChange, ValueMissingError, steps
from harness.plan.secrets import Secrets
from harness.plan.values import NOTHING, UNKNOWN

_ORDER = (Action.UPDATE, Action.NO_OP, Action.FORGET, Action.CREATE, Action.READ)


@dataclass(frozen=True, slots=True)
class OutputChanged:
    """A root output that changes."""

    name: str
    action: Action
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that a plan does.

    Attributes:
        resources: deletes and replacements, updates, moves and imports, forgets, creates, reads; each by address.
        outputs: by name.
        drift: what was changed outside Terraform, by address.
    """

    resources: tuple[Changed, ...]
    outputs: tuple[OutputChanged, ...]
    drift: tuple[Changed, ...]

    @property
    def any(self) -> bool:
        """True when applying the plan does anything."""
        return any(one.action is not Action.READ for one in self.resources) or bool(self.outputs)

    @property
    def destructive(self) -> tuple[Changed, ...]:
        """Resources whose object of today will be gone."""
        return tuple(one for one in self.resources if one.action.destroys)

    @property
    def counts(self) -> Mapping[Action, int]:
        """Number of resources by action, in the order of :attr:`resources`."""
        return Counter(one.action for one in self.resources)

    def of(self, *actions: Action) -> tuple[Changed, ...]:
        """List resources of these actions."""
        return tuple(one for one in self.resources if one.action in actions)

    def by_module(self) -> Mapping[str, tuple[Changed, ...]]:
        """Group resources by module, in the order in which they come; ``""`` is the root."""
        return grouped(self.resources)


def grouped(resources: Iterable[Changed]) -> Mapping[str, tuple[Changed, ...]]:
    """Group resources by module, in the order in which they come."""
    found: dict[str, list[Changed]] = defaultdict(list)
    for one in resources:
        found[one.module].append(one)
    return {module: tuple(inside) for module, inside in found.items()}


def changes(plan: Plan) -> Changes:
    """Show what a plan does."""
    secrets = plan.secrets()
    happening = (one for one in (*plan.resources.values(), *plan.deposed) if _happens(one))
    found = [_told(_changed(one, secrets), one, plan) for one in happening]
    outputs = [_output(plan.outputs[name], secrets) for name in sorted(plan.outputs)]
    drift = [drifted(_changed(one, secrets), plan) for one in plan.drift]
    return Changes(
        tuple(sorted(found, key=_place)),
        tuple(one for one in outputs if one.action is not Action.NO_OP),
        tuple(sorted((one for one in drift if one.action is Action.DELETE or one.edits), key=_place)),
    )


def _happens(change: ResourceChange) -> bool:
    return change.action is not Action.NO_OP or bool(change.previous_address) or change.importing is not None


def _place(change: Changed) -> tuple[int, str, str]:
    rank = 0 if change.action.destroys else 1 + _ORDER.index(change.action)
    return rank, change.address, change.deposed


def _changed(change: ResourceChange, secrets: Secrets) -> Changed:
    whole = change.action in (Action.FORGET, Action.READ)
    return Changed(
        change.address,
        change.module,
        change.type,
        change.name,
        change.action,
        () if whole else forcing((*edits(*change.sealed(secrets)), *_untold(change)), change.forced_by),
        change.reason,
        change.previous_address,
        change.importing,
        change.deposed,
    )


def _told(changed: Changed, change: ResourceChange, plan: Plan) -> Changed:
    """Mark as computed what nobody set and is not known before the apply, and what was empty in an object replaced."""
    found = changed.edits
    if change.action in (Action.REPLACE_DELETE_FIRST, Action.REPLACE_CREATE_FIRST):
        found = tuple(replace(one, computed=_emptied(one)) for one in found)
    if not any(one.after is UNKNOWN for one in found):
        return replace(changed, edits=found)
    try:
        names = {(name,) for name in plan.configuration.attributes(change.module, change.type, change.name)}
    except ValueMissingError:
        return replace(changed, edits=found)
    marked = (
        replace(one, computed=one.computed or (one.after is UNKNOWN and steps(one.path)[:1] not in names))
        for one in found
    )
    return replace(changed, edits=tuple(marked))


def _emptied(edit: Edit) -> bool:
    """Tell whether a provider's empty value only goes back to none: a new object says nothing yet."""
    return edit.after in (None, UNKNOWN) and not edit.document and edit.before in ("", {}, [], 0, False)


def _output(change: OutputChange, secrets: Secrets) -> OutputChanged:
    before, after = change.sealed(secrets)
    before = NOTHING if change.action is Action.CREATE else before
    after = NOTHING if change.action is Action.DELETE else after
    return OutputChanged(change.name, change.action, (*edits_of_value(before, after), *_untold(change)))


def _untold(change: ResourceChange | OutputChange) -> Iterator[Edit]:
    """Tell values that are unknown on both sides and made otherwise."""
    return (Edit(path, UNKNOWN, UNKNOWN) for path in change.untold)
