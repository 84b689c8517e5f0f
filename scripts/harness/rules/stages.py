"""Rules over what a stage serves: the deployment that was meant, to those who show a key."""

from collections.abc import Iterator

from harness.facts import Feature
from harness.plan import Plan, ResourceChange
from harness.rules.relations import FUNCTION, REST_API, api_of, called, proxies, referred, related
from harness.rules.rule import Context, Violation

_DEPLOYMENT = "aws_api_gateway_deployment"
_USAGE_PLAN = "aws_api_gateway_usage_plan"
_AWAITED = ("aws_api_gateway_integration", "aws_api_gateway_gateway_response")


def redeploy(context: Context) -> Iterator[Violation]:
    """A REST API serves the deployment its stage points at, not what Terraform changed since: without a trigger a new
    route is applied and answers 404, and without waiting for the routes an empty deployment goes live."""
    plan = context.plan
    for deployment in plan.of_type(_DEPLOYMENT):
        triggers = deployment.find("triggers")
        if not isinstance(triggers, dict) or not triggers or any(not isinstance(one, str) for one in triggers.values()):
            yield Violation(deployment.address, "triggers are not set or unknown: it would never, or always, redeploy")
        yield from _hasty(deployment, plan)
    for stage in plan.of_type("aws_api_gateway_stage"):
        deployments = referred(plan, stage, "deployment_id", _DEPLOYMENT)
        known = {api_of(plan, one) for one in deployments}
        if not isinstance(stage.find("deployment_id"), str) and known != {api_of(plan, stage)}:
            yield Violation(stage.address, "its deployment_id is not this plan's deployment of its API")
        waits = plan.configuration.depends_on(stage.module, stage.type, stage.name)
        if not any(one.startswith("aws_cloudwatch_log_group.") for one in waits):
            yield Violation(stage.address, "does not depend on the execution log group: the gateway would make its own")


def _hasty(deployment: ResourceChange, plan: Plan) -> Iterator[Violation]:
    """Report what of its API a deployment does not wait for."""
    waits = plan.configuration.depends_on(deployment.module, deployment.type, deployment.name)
    api = api_of(plan, deployment)
    for kind in _AWAITED:
        parts = [one for one in plan.of_type(kind) if api_of(plan, one) == api]
        if parts and not any(one.startswith((f"{kind}.", "module.")) for one in waits):
            yield Violation(deployment.address, f"does not depend on {kind}: it may go live without them")


def key_required(context: Context) -> Iterator[Violation]:
    """A usage plan limits only requests that carry its key: a route that asks for none is unlimited, and a route that
    asks for one where no plan is answers 403 to everybody."""
    plan = context.plan
    limited = _limited(plan)
    for api in plan.of_type(REST_API) if context.requires(Feature.USAGE_PLAN) else ():
        if api.address not in limited:
            yield Violation(api.address, f"has no usage plan, and {context.name} requires one")
    keyed = {
        one.address
        for key in plan.of_type("aws_api_gateway_usage_plan_key")
        for one in related(plan, key, "usage_plan_id", _USAGE_PLAN, "id")
    }
    for usage in plan.of_type(_USAGE_PLAN):
        if usage.address not in keyed:
            yield Violation(usage.address, "the usage plan has no key")
    open_routes = _open_routes(context)
    for method in plan.of_type("aws_api_gateway_method"):
        if method.find("http_method") == "OPTIONS":
            continue
        address = api_of(plan, method)
        # The provider's default is not to ask.
        planned, is_limited = method.find("api_key_required"), address in limited
        asked = False if planned is None else planned
        if asked is not (is_limited and (address, method.index) not in open_routes):
            yield Violation(method.address, f"api_key_required is {str(asked).lower()}, usage plan: {is_limited}")


def _limited(plan: Plan) -> frozenset[str]:
    """Addresses of the APIs that a usage plan covers."""
    found = set()
    for usage in plan.of_type(_USAGE_PLAN):
        stages = usage.find("api_stages")
        ids = {one.get("api_id") for one in stages if isinstance(one, dict)} if isinstance(stages, list) else set()
        found |= {api.address for api in plan.of_type(REST_API) if api.find("id") in ids - {None}}
        found |= {api.address for api in referred(plan, usage, "api_stages", REST_API)}
    return frozenset(found)


def _open_routes(context: Context) -> frozenset[tuple[str, object]]:
    """API and route of every method that the service behind it opens to everybody."""
    plan = context.plan
    services = {one.find("function_name"): context.service(one) for one in plan.of_type(FUNCTION)}
    behind = ((integration, services.get(called(integration)[0])) for integration in proxies(plan))
    return frozenset(
        (api_of(plan, integration), integration.index)
        for integration, service in behind
        if service is not None and integration.index in service.open_routes
    )
