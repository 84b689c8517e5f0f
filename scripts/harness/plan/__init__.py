"""The typed plan model, the only reader of plan JSON: ``read_plan(bytes) -> Plan``."""

from harness.plan.actions import Action
from harness.plan.model import Check, CheckStatus, OutputChange, Plan, ResourceChange
from harness.plan.prior import prior
from harness.plan.reader import read_plan, read_plan_file
from harness.plan.succession import since
from harness.plan.values import SENSITIVE, UNKNOWN, ValueMissingError, dig, is_marked, number, steps

__all__ = [
    "SENSITIVE",
    "UNKNOWN",
    "Action",
    "Check",
    "CheckStatus",
    "OutputChange",
    "Plan",
    "ResourceChange",
    "ValueMissingError",
    "dig",
    "is_marked",
    "number",
    "prior",
    "read_plan",
    "read_plan_file",
    "since",
    "steps",
]
