"""``make -s outputs``: one JSON object on standard output, for scripts and smoke tests."""

from __future__ import annotations

import json
from dataclasses import dataclass

from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.paths import Target
from harness.terraform.context import Context, open_context


@dataclass(frozen=True, slots=True)
class Outputs:
    """What scripts need to use a deployed stack.

    Attributes:
        base_url: address that paths of the contract are appended to, no slash at its end.
        table_name: DynamoDB table.
        function_name: Lambda function.
        api_key_required: whether routes other than /health ask for ``x-api-key``.
        api_key: its value, ``""`` where none is needed; secret.
    """

    base_url: str
    table_name: str
    function_name: str
    api_key_required: bool
    api_key: str


def run(options: Options) -> int:
    """Print the outputs; the key only with ``REVEAL=1``."""
    values = read_outputs(open_context(options))
    shown: dict[str, object] = {
        "base_url": values.base_url,
        "table_name": values.table_name,
        "function_name": values.function_name,
        "api_key_required": values.api_key_required,
    }
    print(json.dumps({**shown, "api_key": values.api_key} if options.reveal else shown, indent=2))
    return 0


def read_outputs(context: Context) -> Outputs:
    """Read the deployed stack's outputs from its state.

    Raises:
        HarnessError: nothing is deployed.
    """
    raw = context.state.outputs()
    if "rest_api_id" not in raw:
        raise HarnessError(f"{context.stack.title} is not deployed", f"make up {context.stack.make_words}")
    return Outputs(
        base_url=_base_url(context, raw),
        table_name=str(raw["table_name"]),
        function_name=str(raw["function_name"]),
        api_key_required=bool(raw["api_key_required"]),
        api_key=str(raw.get("api_key") or ""),
    )


def _base_url(context: Context, raw: dict[str, object]) -> str:
    if context.stack.target is Target.AWS:
        return str(raw["base_url"]).rstrip("/")
    # The local AWS serves execute-api by path: no wildcard DNS is needed.
    return f"{context.aws.endpoint}/restapis/{raw['rest_api_id']}/{raw['stage_name']}/_user_request_"
