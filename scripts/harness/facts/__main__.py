"""``python -m harness.facts``: what CI's definition takes from the tree's files, a line each, as a job's outputs."""

import json
import sys

from harness.base.errors import HarnessError
from harness.base.pythons import runtime_version, supported_versions
from harness.facts.blueprint import read_blueprint

try:
    blueprint = read_blueprint()
    pythons, runtime = supported_versions(), runtime_version()
except HarnessError as error:
    sys.exit(f"error: {error}")
print(f"environments={json.dumps(list(blueprint.environments))}")
print(f"region={blueprint.region}")
print(f"pythons={json.dumps(pythons)}")
print(f"runtime={runtime}")
