"""Read the contract that clients of a deployed function use: it is in the zip of the version that the alias serves.

One request to Lambda says where that zip is and what its hash is. It is fetched once a version: what a hash means never
changes, so the contract is kept below ``build/cache`` under it. Nothing is written to AWS.
"""

import base64
import binascii
import hashlib
import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.exceptions
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from harness.aws.clients import Aws
from harness.aws.missing import is_missing
from harness.base.errors import HarnessError
from harness.base.paths import CACHE, write_atomically
from harness.base.stored import read_json

_KEPT = CACHE / "served"
_TIMEOUT_SECONDS = (5, 60)


class UnreadableError(HarnessError):
    """A function is deployed, and the contract that it serves cannot be read."""


@dataclass(frozen=True, slots=True)
class Served:
    """A version that an alias sends requests to.

    Attributes:
        document: its contract; ``None`` when its zip holds none, as that of a function without routes.
    """

    version: str
    document: Mapping[str, Any] | None


def read_served(aws: Aws, function: str, alias: str, kept: Path = _KEPT) -> Served | None:
    """Read the contract of the version that an alias sends requests to; ``None`` when function or alias is not there.

    Args:
        alias: its alias; of a weighted one the version that gets the larger part.

    Raises:
        UnreadableError: Lambda does not answer, or the zip is not what it says.
    """
    answer = _asked(aws, function, alias)
    if answer is None:
        return None
    digest = _hex(answer["Configuration"].get("CodeSha256", ""))
    package = str(answer["Configuration"].get("Handler", "")).partition(".")[0]
    file = kept / f"{digest}-{package}.json"
    if not file.exists():
        write_atomically(file, _contract_in(_downloaded(answer["Code"].get("Location", ""), digest), package))
    return Served(str(answer["Configuration"]["Version"]), _parsed(file.read_bytes()))


def _asked(aws: Aws, function: str, alias: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = aws.client("lambda").get_function(FunctionName=function, Qualifier=alias)
    except botocore.exceptions.ClientError as error:
        if is_missing(error):
            return None
        code = error.response["Error"]["Code"]
        raise UnreadableError(f"GetFunction is refused ({code})", "allow lambda:GetFunction") from error
    except botocore.exceptions.BotoCoreError as error:
        raise UnreadableError(
            f"Lambda does not answer ({type(error).__name__})", "run the same command again"
        ) from error
    return found


def _hex(digest: str) -> str:
    try:
        found = base64.b64decode(digest, validate=True).hex()
    except binascii.Error:
        found = ""
    if len(found) != hashlib.sha256().digest_size * 2:
        raise UnreadableError("Lambda names no hash of the code", "deploy the function as a zip")
    return found


def _downloaded(location: str, digest: str) -> bytes:
    """Fetch the zip. No message holds the address: whoever has it may fetch the zip, too."""
    if not location.startswith(("https://", "http://")):
        raise UnreadableError("Lambda names no address of the code", "deploy the function as a zip")
    settings: dict[str, Any] = {"verify": os.environ.get("AWS_CA_BUNDLE") or True, "timeout": _TIMEOUT_SECONDS}
    session = URLLib3Session(proxies=get_environ_proxies(location), **settings)
    try:
        answer = session.send(AWSRequest("GET", location).prepare())
        data = bytes(answer.content)
    except botocore.exceptions.BotoCoreError as error:
        kind = type(error).__name__
        raise UnreadableError(f"the code cannot be fetched ({kind})", "let this machine reach Amazon S3") from None
    finally:
        session.close()
    if answer.status_code != 200:
        raise UnreadableError(f"fetching the code is answered {answer.status_code}", "run the same command again")
    if hashlib.sha256(data).hexdigest() != digest:
        raise UnreadableError("the code that was fetched is not the version's", "run the same command again")
    return data


def _contract_in(data: bytes, package: str) -> bytes:
    """Return the JSON of the contract beside the handler in a zip, ``null`` when there is none."""
    member = f"{package}/contract.json"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = archive.read(member) if member in archive.namelist() else b"null"
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise UnreadableError(f"the code is no zip that can be read ({error})", "deploy the function anew") from error
    _parsed(found)
    return found


def _parsed(text: bytes) -> dict[str, Any] | None:
    try:
        found = read_json(text)
    except ValueError as error:
        raise UnreadableError("the contract in the code is no JSON", "deploy the function anew") from error
    if found is not None and not (isinstance(found, dict) and isinstance(found.get("paths"), dict)):
        raise UnreadableError("the contract in the code is none of OpenAPI", "deploy the function anew")
    return found
