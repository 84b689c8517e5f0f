"""Save what a deployed stage serves and tell how it differs from the contracts."""

import json
from datetime import datetime

from harness.aws.missing import refusing
from harness.base.paths import ensure_folder, shown, write_atomically
from harness.base.progress import say
from harness.operate.deployed import read_deployed
from harness.operate.recovery.served import differences, export_stage
from harness.operate.services import contract_of
from harness.terraform.context import Context


def save_export(context: Context, now: datetime) -> tuple[str, ...]:
    """Save what the stage serves below ``build/`` and return how it differs from the services' contracts.

    Raises:
        HarnessError: nothing is deployed, or AWS refuses.
    """
    deployed = read_deployed(context)
    with refusing("the stage cannot be exported", f"make plan {context.stack.make_words} shows whether it is there"):
        data = export_stage(context.aws.client("apigateway"), deployed.api_id, deployed.stage_name)
    path = ensure_folder(context.stack.folder / "backup") / f"stage-{now:%Y%m%dT%H%M%SZ}.json"
    write_atomically(path, data)
    say(f"  saved {shown(path)}")
    contracts = [contract_of(service) for service in deployed.services]
    return differences(json.loads(data), contracts, key_required=deployed.api_key_required)
