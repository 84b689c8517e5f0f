"""Gap: a mock integration has an HTTP method that nobody gave it.

Upstream: an integration without ``httpMethod`` reads back as ``POST``, so that Terraform replaces every CORS preflight
on every plan.

AWS: "Integration", Amazon API Gateway API Reference: ``httpMethod`` is the integration's HTTP method type; of a MOCK
integration it is optional ("AWS::ApiGateway::Method Integration", CloudFormation), and what was not given is not told.

Fill: it is left out.
"""

import json
from typing import Any

from ministack.services import apigateway_v1

from harness.localaws.patching import wraps


def install() -> None:
    """Patch ``PutIntegration`` of ministack's API Gateway (REST)."""

    @wraps(apigateway_v1, "_put_integration")
    def _put_integration(put: Any, api_id: str, resource_id: str, http_method: str, data: dict[str, Any]) -> Any:
        status, headers, body = put(api_id, resource_id, http_method, data)
        if status != 201 or data.get("type") != "MOCK" or data.get("httpMethod"):
            return status, headers, body
        methods = apigateway_v1._resources[api_id][resource_id]["resourceMethods"]
        methods[http_method]["methodIntegration"].pop("httpMethod", None)
        told = {name: value for name, value in json.loads(body).items() if name != "httpMethod"}
        return status, headers, json.dumps(told).encode()
