"""``make -s outputs``: one JSON object on standard output, for scripts and smoke tests."""

import json

from harness.base.options import Options
from harness.operate.deployed import read_deployed
from harness.terraform.context import open_context


def run(options: Options) -> int:
    """Print address and names of what is deployed; the API key only with ``REVEAL=1``."""
    deployed = read_deployed(open_context(options))
    shown: dict[str, object] = {
        "base_url": deployed.base_url,
        "api_key_required": deployed.api_key_required,
        "rest_api_id": deployed.api_id,
        "stage_name": deployed.stage_name,
        "functions": [{"name": one.name, "alias": one.alias, "service": one.service} for one in deployed.functions],
        "tables": [{"name": one.name, "key": list(one.key)} for one in deployed.tables],
        "log_groups": list(deployed.log_groups),
    }
    print(json.dumps({**shown, "api_key": deployed.api_key} if options.reveal else shown, indent=2))
    return 0
