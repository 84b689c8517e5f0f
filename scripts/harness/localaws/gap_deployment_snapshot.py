"""Gap: a stage serves the API as it is now, not as it was deployed.

Upstream: methods, integrations, models and validators are read live; only gateway responses are kept per
deployment. A changed API is served without a deployment, so a missing redeployment trigger goes unnoticed, and
pointing the stage at an earlier deployment changes nothing.

AWS: "Deploy REST APIs in API Gateway", Developer Guide: a deployment is a point-in-time snapshot of the API; a
stage serves its deployment until it is given another.

Fill: the snapshot is taken at ``CreateDeployment``, kept with the service's state, and used to serve. Deployments
made before the fill existed are served live. A deployment that a stage serves cannot be deleted.
"""

import copy
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import apigateway_v1

from harness.localaws.patching import wraps

_STORES = ("_resources", "_models", "_request_validators")
_IN_USE = "Active stages pointing to this deployment must be moved or deleted"
_STATE_KEY = "deployed_definitions"
_snapshots = AccountRegionScopedDict()  # rest_api_id -> {deployment_id -> {store name -> its content for the api}}
_served: ContextVar[dict[str, Any] | None] = ContextVar("served", default=None)


class _Served(AccountRegionScopedDict):  # type: ignore[misc]
    """A store of the service that answers from the deployment's snapshot while a request is being served."""

    def __init__(self, live: Any, name: str) -> None:
        super().__init__()
        self._data = live._data
        self._name = name

    def get(self, key: Any, default: Any = None) -> Any:
        served = _served.get()
        return super().get(key, default) if served is None else served.get(self._name, default)


def _patch_deploy() -> None:
    @wraps(apigateway_v1, "_create_deployment")
    def _create_deployment(create: Any, api: str, data: Any) -> Any:
        before = set(apigateway_v1._deployments_v1.get(api, {}))
        answer = create(api, data)
        for deployment in set(apigateway_v1._deployments_v1.get(api, {})) - before:
            definition = {name: copy.deepcopy(getattr(apigateway_v1, name).get(api, {})) for name in _STORES}
            _snapshots[api] = {**_snapshots.get(api, {}), deployment: definition}
        return answer

    @wraps(apigateway_v1, "_delete_deployment")
    def _delete_deployment(delete: Any, api: str, deployment: str) -> Any:
        if any(stage.get("deploymentId") == deployment for stage in apigateway_v1._stages_v1.get(api, {}).values()):
            return apigateway_v1._v1_error("BadRequestException", _IN_USE, 400)
        answer = delete(api, deployment)
        _snapshots.get(api, {}).pop(deployment, None)
        return answer


def _patch_serve() -> None:
    for name in _STORES:
        setattr(apigateway_v1, name, _Served(getattr(apigateway_v1, name), name))

    @wraps(apigateway_v1, "_handle_execute_in_scope")
    async def _handle_execute_in_scope(handle: Any, api: str, stage: str, *rest: Any) -> Any:
        deployment = (apigateway_v1._stages_v1.get(api, {}).get(stage) or {}).get("deploymentId")
        token = _served.set(_snapshots.get(api, {}).get(deployment))
        try:
            return await handle(api, stage, *rest)
        finally:
            _served.reset(token)


def _patch_state() -> None:
    @wraps(apigateway_v1, "get_state")
    def _get_state(get_state: Any) -> Any:
        return {**get_state(), _STATE_KEY: copy.deepcopy(_snapshots)}

    @wraps(apigateway_v1, "load_persisted_state")
    def _load_persisted_state(load: Any, data: Any) -> Any:
        _snapshots.update(data.get(_STATE_KEY) or {})
        return load(data)


def install() -> None:
    """Patch deployment, serving and state of ministack's REST APIs."""
    _patch_deploy()
    _patch_serve()
    _patch_state()
