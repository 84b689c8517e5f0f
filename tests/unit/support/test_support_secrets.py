"""The suite's own output shows no API key, whatever fails."""

import json

from tests.support.deployed import Deployed, read_outputs

KEY = "k" * 40


def test_a_key_is_usable_and_never_printed() -> None:
    outputs = read_outputs(json.dumps({"api_key": KEY, "api_key_required": True}))
    deployed = Deployed("prod", "", outputs)
    assert deployed.headers == {"x-api-key": KEY}
    for shown in (repr(outputs), repr(deployed), repr(deployed.headers), str([outputs["api_key"]])):
        assert KEY not in shown
