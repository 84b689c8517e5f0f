"""Find the remedy for a failure whose cause lies elsewhere: no room, no answer, nobody there, no permission."""

import re

ROOM = "make room, then run the same command again"
"""For a full disk, quota or limit on a file's size."""
LATE = "nobody answered in time: see if the address can be reached, then try again"
"""For an answer that did not come."""
UNREACHABLE = "nobody listens there, or the name is unknown: check address, network and proxy, then try again"
"""For a connection that could not be made."""
LOG_IN = "log in again (aws sso login, or new keys in the environment), then run the same command again"
"""For expired credentials."""
DENIED = "allow the action that it names to the credentials in use, then run the same command again"
"""For what AWS does not let these credentials do."""
SLOWER = "AWS asks for fewer requests at a time: wait a minute, then run the same command again"
"""For requests that AWS throttled."""

# As the system, pip, uv, Terraform, its AWS provider and boto3 write them; "timed out while waiting for state" is
# the provider's, and no lack of an answer.
_SIGNS = (
    (r"no space left on device|disk quota exceeded|file too large|database or disk is full", ROOM),
    (r"ExpiredToken|RequestExpired|token included in the request is expired", LOG_IN),
    (
        r"connection refused|no route to host|network is unreachable|no such host|name or service not known"
        r"|temporary failure in name resolution|could not connect to the endpoint|failed to establish a new connection"
        r"|dns error",
        UNREACHABLE,
    ),
    (
        r"timed out(?! while waiting for state)|i/o timeout|TLS handshake timeout|deadline exceeded"
        r"|Client\.Timeout exceeded|(connect|read) timeout on endpoint",
        LATE,
    ),
    (r"AccessDenied|UnauthorizedOperation|is not authorized to perform", DENIED),
    (r"ThrottlingException|Rate exceeded|RequestLimitExceeded|StatusCode: 429", SLOWER),
)


def remedy_of(text: str) -> str:
    """Return what to do about the cause that a program's words give; empty where they give none of these."""
    return next((remedy for sign, remedy in _SIGNS if re.search(sign, text, re.IGNORECASE)), "")
