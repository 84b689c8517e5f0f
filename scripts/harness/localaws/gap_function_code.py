"""Gap: the code of a function's version.

Upstream: ``GetFunction`` of an alias or version answers with that version's configuration, and with the address of the
newest code, whatever was asked for. The address is signed in appearance only.

AWS: "GetFunction", AWS Lambda API Reference: "Returns information about the function or function version, with a link
to download the deployment package"; the package's hash is the answer's ``CodeSha256``. "FunctionCodeLocation": a
presigned URL, good for ten minutes.

Fill: the address names the version, the version's own code is served there, and root's keys have signed it.
"""

import json
import os
from typing import Any

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from ministack.services import lambda_svc

from harness.localaws.patching import wraps

_SECONDS = 600


def _signed(address: str) -> str:
    keys = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    request = AWSRequest("GET", address)
    S3SigV4QueryAuth(keys, "s3", os.environ["MINISTACK_REGION"], expires=_SECONDS).add_auth(request)
    return str(request.url)


def install() -> None:
    """Patch ``GetFunction`` of ministack's Lambda, and what serves the code it leads to."""

    @wraps(lambda_svc, "_presigned_code_url")
    def _presigned_code_url(address_of: Any, name: str) -> str:
        return _signed(address_of(name).partition("?")[0])

    @wraps(lambda_svc, "_get_function")
    def _get_function(get_function: Any, name: str, qualifier: str | None = None) -> Any:
        status, headers, body = get_function(name, qualifier)
        answer = json.loads(body)
        version = answer.get("Configuration", {}).get("Version", "$LATEST")
        if version == "$LATEST" or "Location" not in answer.get("Code", {}):
            return status, headers, body
        answer["Code"]["Location"] = lambda_svc._presigned_code_url(f"{name}:{version}")
        return status, headers, json.dumps(answer).encode()

    @wraps(lambda_svc, "serve_function_code")
    def serve_function_code(
        serve: Any, reference: str, account_id: str | None = None, region: str | None = None
    ) -> Any:
        name, _, version = reference.partition(":")
        functions = lambda_svc._functions
        known = functions.get_scoped(account_id, region, name) if account_id and region else functions.get(name)
        if not version or not known:
            return serve(name, account_id, region)
        code = known["versions"].get(version, {}).get("code_zip")
        if not code:
            return 404, {"Content-Type": "text/plain"}, b"Version not found"
        return 200, {"Content-Type": "application/zip"}, code
