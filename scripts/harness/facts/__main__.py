"""``python -m harness.facts``: what CI's definition takes from ``blueprint.yaml``, a line each, as a job's outputs."""

import json
import sys

from harness.base.errors import HarnessError
from harness.facts.blueprint import read_blueprint

try:
    blueprint = read_blueprint()
except HarnessError as error:
    sys.exit(f"error: {error}")
print(f"environments={json.dumps(list(blueprint.environments))}")
print(f"region={blueprint.region}")
