"""API Gateway: what an API holds is found in its listings; import ids as provider 5.100 documents them."""

from typing import Any

from harness.operate.adopt.search import Search, only
from harness.plan import ResourceChange

_API = "aws_api_gateway_rest_api"


def rest_api(search: Search, change: ResourceChange) -> str | None:
    """By name, tags and age: AWS gives out a name as often as it is asked to."""
    apis = search.listed("apigateway", "get_rest_apis", "items")
    return only(change, (api for api in apis if _ours(search, change, api)))


def resource(search: Search, change: ResourceChange) -> str | None:
    """By its path, which is the key of the module's ``for_each``. REST-API-ID/RESOURCE-ID."""
    api, there = _resource(search, change, str(change.index))
    return f"{api}/{there['id']}" if there else None


def method(search: Search, change: ResourceChange) -> str | None:
    """By path and verb. REST-API-ID/RESOURCE-ID/HTTP-METHOD."""
    verb = str(change.value("http_method"))
    api, there = _resource(search, change, _path(change))
    return f"{api}/{there['id']}/{verb}" if there and verb in there.get("resourceMethods", {}) else None


def method_response(search: Search, change: ResourceChange) -> str | None:
    """By path, verb and status. REST-API-ID/RESOURCE-ID/HTTP-METHOD/STATUS-CODE."""
    verb, status = str(change.value("http_method")), str(change.value("status_code"))
    api, there = _resource(search, change, _path(change))
    if not there:
        return None
    place = {"restApiId": api, "resourceId": there["id"], "httpMethod": verb}
    answer = search.ask("apigateway", "get_method_response", **place, statusCode=status)
    return f"{api}/{there['id']}/{verb}/{status}" if answer else None


def request_validator(search: Search, change: ResourceChange) -> str | None:
    """By name, which is unique only because we make one. REST-API-ID/REQUEST-VALIDATOR-ID."""
    api = search.sibling(change, _API)
    if not api:
        return None
    there = search.listed("apigateway", "get_request_validators", "items", restApiId=api)
    found = only(change, (one for one in there if one.get("name") == change.value("name")))
    return f"{api}/{found}" if found else None


def stage(search: Search, change: ResourceChange) -> str | None:
    """By name. REST-API-ID/STAGE-NAME."""
    api, name = search.sibling(change, _API), str(change.value("stage_name"))
    return f"{api}/{name}" if api and search.ask("apigateway", "get_stage", restApiId=api, stageName=name) else None


def usage_plan(search: Search, change: ResourceChange) -> str | None:
    """By name and tags; the service does not say how old it is."""
    plans = search.listed("apigateway", "get_usage_plans", "items")
    return only(change, (plan for plan in plans if _ours(search, change, plan)))


def api_key(search: Search, change: ResourceChange) -> str | None:
    """By name, tags and age. Its value is not asked for."""
    keys = search.listed("apigateway", "get_api_keys", "items", includeValues=False)
    return only(change, (key for key in keys if _ours(search, change, key)))


def usage_plan_key(search: Search, change: ResourceChange) -> str | None:
    """By the pair of plan and key. USAGE-PLAN-ID/USAGE-PLAN-KEY-ID."""
    plan = search.sibling(change, "aws_api_gateway_usage_plan")
    key = search.sibling(change, "aws_api_gateway_api_key")
    if not (plan and key):
        return None
    joined = search.listed("apigateway", "get_usage_plan_keys", "items", usagePlanId=plan)
    return f"{plan}/{key}" if key in [one["id"] for one in joined] else None


def _ours(search: Search, change: ResourceChange, thing: Any) -> bool:
    return thing.get("name") == change.value("name") and search.ours(
        change, thing.get("tags", {}), thing.get("createdDate")
    )


def _path(change: ResourceChange) -> str:
    # Methods are keyed "GET /orders/{id}", the answers to a browser's preflight by the path alone.
    return str(change.index).rpartition(" ")[2]


def _resource(search: Search, change: ResourceChange, path: str) -> tuple[str, Any]:
    api = search.sibling(change, _API)
    if not api:
        return "", None
    resources = search.listed("apigateway", "get_resources", "items", restApiId=api, embed=["methods"])
    return api, next((one for one in resources if one["path"] == path), None)
