"""Gap: settings of one method of a stage (its throttle, logging, metrics) are kept and found under another name.

Upstream: ``UpdateStage`` decodes the resource's path, so ``GetStage`` tells the setting of ``~1things~1{id}/GET`` as
``/things/{id}/GET``, where Terraform's AWS provider does not find it again; a setting whose path is not encoded at all
counts, too; and a setting that is not there can be removed. What already is as on AWS: every method has a bucket of its
own, filled by its setting or else by that of ``*/*``, and a key one for each of its usage plans, across their stages.

AWS: "Throttle requests to your REST APIs for better throughput in API Gateway", Developer Guide: "Per-API, per-stage
throttling limits are applied at the API method level for a stage"; "UsagePlan", API Reference. "get-stages", AWS CLI
reference, has the example ``"methodSettings": {"~1resource~1subresource/POST": ...}``; "AWS::ApiGateway::Stage
MethodSetting", CloudFormation: slashes of the path are encoded as ``~1``, the first one, too. A path that was not
encoded was kept as sent and did nothing (hashicorp/terraform-provider-aws issue 9738). Of a setting that is not there:
"Cannot remove method setting ... because there is no method setting for this method" (as that provider quotes it).
Root's method is ``~1/GET`` (go-to-k/cdkd pull request 971, tried on AWS).

Fill: settings keep the name they are sent with, the encoded name alone counts, and removal is refused as on AWS. That a
path of one segment counts without encoding, as the provider's examples have it, nobody documents: here it does not.
Methods of the kind ``ANY`` still have a bucket for each verb.
"""

from typing import Any

from ministack.services import apigateway_v1

from harness.localaws.patching import replaces, wraps

_EVERY = "*/*"
_REFUSED = "Cannot remove method setting {} because there is no method setting for this method"


def install() -> None:
    """Patch how ministack's REST APIs name, find and remove settings of methods."""

    @replaces(apigateway_v1, "_decode_json_pointer_token")
    def _decode_json_pointer_token(segment: str) -> str:
        return segment

    @replaces(apigateway_v1, "_method_throttle_settings")
    def _method_throttle_settings(stage: dict[str, Any], path: str, method: str) -> Any:
        settings = stage.get("methodSettings") or {}
        return settings.get(f"{path.replace('/', '~1')}/{method}", settings.get(_EVERY))

    @wraps(apigateway_v1, "_update_stage")
    def _update_stage(update: Any, api: str, name: str, data: Any) -> Any:
        stage = apigateway_v1._stages_v1.get(api, {}).get(name) or {}
        for operation in data.get("patchOperations", []):
            setting = str(operation.get("path", "")).removeprefix("/")
            of_stage = setting.split("/")[0] in apigateway_v1._STAGE_ROOT_PATH_PREFIXES
            if operation.get("op") != "remove" or of_stage:
                continue
            if setting not in stage.get("methodSettings", {}):
                return apigateway_v1._v1_error("BadRequestException", _REFUSED.format(setting), 400)
            del stage["methodSettings"][setting]
        return update(api, name, data)
