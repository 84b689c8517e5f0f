"""Keys of the account's root on a local AWS: made anew for each start, and known to whoever may read its folder."""

import secrets
import string
from dataclasses import dataclass, field

_ID = string.ascii_uppercase + "234567"
_SECRET = string.ascii_letters + string.digits
PROFILE = "local"
"""Profile of the configuration that :func:`profile` writes."""


@dataclass(frozen=True, slots=True)
class Keys:
    """An access key in AWS's shape; the secret is in no representation."""

    access_key_id: str
    secret_access_key: str = field(repr=False)

    def variables(self) -> dict[str, str]:
        """Return the environment variables by which SDKs and Terraform take the key."""
        return {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}


def make() -> Keys:
    """Make a key that nobody can guess."""
    return Keys(
        "AKIA" + "".join(secrets.choice(_ID) for _ in range(16)),
        "".join(secrets.choice(_SECRET) for _ in range(40)),
    )


def profile(keys: Keys, port: int, region: str) -> str:
    """Write the configuration of AWS's command line with which a person works on the local AWS."""
    settings = {
        "region": region,
        "endpoint_url": f"http://127.0.0.1:{port}",
        **{name.lower(): value for name, value in keys.variables().items()},
    }
    return "\n".join([f"[profile {PROFILE}]", *(f"{name} = {value}" for name, value in settings.items()), ""])
