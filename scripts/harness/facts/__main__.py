"""``python -m harness.facts``: what CI's definition takes from ``blueprint.yaml``, a line each, as a job's outputs."""

import json
import os
import sys

from harness.base.errors import HarnessError
from harness.facts.blueprint import read_blueprint
from harness.facts.ci_plans import ci_plans

try:
    blueprint = read_blueprint()
    plans = ci_plans(
        blueprint,
        os.environ.get("AWS_CI_ROLES", ""),
        os.environ.get("GITHUB_EVENT_NAME", ""),
        on_default=os.environ.get("ON_DEFAULT_BRANCH") == "true",
    )
except HarnessError as error:
    sys.exit(f"error: {error}")
print(f"plans={json.dumps(plans)}")
print(f"region={blueprint.region}")
