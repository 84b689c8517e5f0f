"""The shape of Terraform's plan JSON (format 1.x), as msgspec structs.

Values stay :class:`msgspec.Raw`, slices of the input that are decoded only when somebody asks: 50,000
resources then cost a tenth of the time and a quarter of the memory of a full decode. A key that Terraform
always writes has no default, so its absence fails the decode and names the place.

The objects that say what will happen take no key that is not listed here (``forbid_unknown_fields``): what a newer
Terraform adds may be an effect that no rule looks at. The keys are those of Terraform 1.11 to 1.15
(``internal/command/jsonplan``); what is listed and read by nobody says beside it why.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from harness.base.errors import PlanFormatError
from harness.plan.values import shallow

Json = msgspec.Raw
NULL = msgspec.Raw(b"null")
TRUE = msgspec.Raw(b"true")
EMPTY = msgspec.Raw(b"{}")
ABSENT = msgspec.Raw(b"")
"""A key that is not there, told apart from null."""


_DEEPEST = 100


def decoded(raw: msgspec.Raw) -> object:
    """Decode a part of a plan.

    Raises:
        PlanFormatError: it is no JSON, has a number beyond what 64 bits hold, or is deeper than what can be compared.
    """
    remedy = "look for the value in `terraform show -json`: no provider of Terraform writes such a one"
    try:
        found: object = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PlanFormatError(f"a value of the plan cannot be read: {type(error).__name__}", remedy) from None
    if not shallow(found, _DEEPEST):
        raise PlanFormatError(f"a value of the plan is nested deeper than {_DEEPEST} levels", remedy)
    return found


class Importing(msgspec.Struct, frozen=True):
    """An ``import`` block's source: ``id`` is missing when it is unknown, or an identity was given."""

    id: str | None = None


class DriftChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A before and an after, with their masks. What was changed outside Terraform is always known."""

    actions: tuple[str, ...]
    before: Json
    after: Json
    before_sensitive: Json
    after_sensitive: Json
    after_unknown: Json = NULL
    importing: Importing | None = None
    replace_paths: tuple[tuple[object, ...], ...] = ()
    # HCL that Terraform proposes for an import: the change beside it is what is done.
    generated_config: str = ""
    # What identifies the object to its provider, beside the values that say so, too.
    before_identity: Json = NULL
    after_identity: Json = NULL


class Change(DriftChange, frozen=True, kw_only=True):
    """A change to be applied: what is unknown of it must be said."""

    after_unknown: Json


class OutputChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A root output's change: Terraform leaves ``after`` out when all of it is unknown."""

    actions: tuple[str, ...]
    before: Json
    after_unknown: Json
    before_sensitive: Json
    after_sensitive: Json
    after: Json = ABSENT


class _Resource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    address: str
    mode: Literal["managed", "data"]
    type: str
    name: str
    provider_name: str
    module_address: str = ""
    index: int | str | None = None
    index_unknown: bool = False
    deposed: str = ""
    previous_address: str = ""
    action_reason: str = ""


class Resource(_Resource, frozen=True, kw_only=True):
    """One entry of ``resource_changes``."""

    change: Change


class DriftedResource(_Resource, frozen=True, kw_only=True):
    """One entry of ``resource_drift``."""

    change: DriftChange


class Problem(msgspec.Struct, frozen=True):
    """Why a check did not pass."""

    message: str


class CheckAddress(msgspec.Struct, frozen=True):
    """Where a check stands; ``kind`` is missing on instances."""

    to_display: str
    kind: str = ""


class CheckInstance(msgspec.Struct, frozen=True):
    """A check's outcome for one instance of its object."""

    address: CheckAddress
    status: Literal["pass", "fail", "error", "unknown"]
    problems: tuple[Problem, ...] = ()


class Check(msgspec.Struct, frozen=True):
    """A check block, precondition, postcondition or variable validation."""

    address: CheckAddress
    status: Literal["pass", "fail", "error", "unknown"]
    instances: tuple[CheckInstance, ...] = ()


class Variable(msgspec.Struct, frozen=True):
    """A root variable's value; ``value`` is left out for null."""

    value: Json = NULL


class ConfigExpression(msgspec.Struct, frozen=True):
    """What an expression refers to; the value of a constant is not needed here."""

    references: tuple[str, ...] = ()


class ConfigResource(msgspec.Struct, frozen=True):
    """A resource block of the configuration. ``expressions`` nests as the block does."""

    type: str
    name: str
    mode: Literal["managed", "data"]
    expressions: Json = EMPTY
    for_each_expression: ConfigExpression | None = None
    depends_on: tuple[str, ...] = ()


class ConfigOutput(msgspec.Struct, frozen=True):
    """An output block of a module."""

    expression: ConfigExpression = ConfigExpression()
    sensitive: bool = False


class ConfigVariable(msgspec.Struct, frozen=True):
    """A variable block of a module."""

    sensitive: bool = False


class ConfigModule(msgspec.Struct, frozen=True):
    """A module's own blocks."""

    resources: tuple[ConfigResource, ...] = ()
    outputs: dict[str, ConfigOutput] = {}
    variables: dict[str, ConfigVariable] = {}
    module_calls: dict[str, ConfigCall] = {}


class ConfigCall(msgspec.Struct, frozen=True):
    """A ``module`` block: what it hands down, and the module it calls."""

    module: ConfigModule
    expressions: dict[str, Json] = {}
    for_each_expression: ConfigExpression | None = None
    depends_on: tuple[str, ...] = ()


class Configuration(msgspec.Struct, frozen=True):
    """The configuration section."""

    root_module: ConfigModule


class StateResource(msgspec.Struct, frozen=True):
    """A resource of the prior state: data sources that were read stand only there."""

    mode: Literal["managed", "data"]
    values: Json = NULL
    sensitive_values: Json = NULL


class StateModule(msgspec.Struct, frozen=True):
    """A module's resources in the prior state."""

    resources: tuple[StateResource, ...] = ()
    child_modules: tuple[StateModule, ...] = ()


class StateValues(msgspec.Struct, frozen=True):
    """The prior state's values."""

    root_module: StateModule = StateModule()


class State(msgspec.Struct, frozen=True):
    """The prior state."""

    values: StateValues = StateValues()


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole plan. ``resource_changes`` is left out by Terraform only when there is nothing at all."""

    format_version: str
    terraform_version: str
    errored: bool
    complete: bool
    applyable: bool
    configuration: Configuration
    resource_changes: tuple[Resource, ...] = ()
    resource_drift: tuple[DriftedResource, ...] = ()
    output_changes: dict[str, OutputChange] = {}
    checks: tuple[Check, ...] = ()
    variables: dict[str, Variable] = {}
    # Told by ``complete``, and refused where that is true all the same.
    deferred_changes: tuple[Json, ...] = ()
    # Refused unless empty.
    action_invocations: tuple[Json, ...] = ()
    deferred_action_invocations: tuple[Json, ...] = ()
    # The values that ``resource_changes`` holds, without their masks.
    planned_values: Json = NULL
    # What was there before: every change has its own ``before``, and data sources are read for their secrets alone.
    prior_state: State | None = None
    # Where drift may come from, and when the plan was made: nothing that will happen.
    relevant_attributes: Json = NULL
    timestamp: str = ""


class Version(msgspec.Struct, frozen=True):
    """Read first, so that a foreign format is named as such and not as a missing key."""

    format_version: str
