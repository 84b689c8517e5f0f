"""Gap: whoever may make a function may give it any role.

Upstream: ``iam:PassRole`` is never asked for.

AWS: "Grant a user permissions to pass a role to an AWS service", IAM User Guide, and the column "Dependent actions" of
``CreateFunction`` in the Service Authorization Reference: the caller needs ``iam:PassRole`` on the role, with the
service in ``iam:PassedToService`` and what it is given to in ``iam:AssociatedResourceArn``. So does a change of the
role (``UpdateFunctionConfiguration``).

Fill: it is asked for where a function is given a role, its own included.
"""

from collections.abc import Iterator

from harness.localaws.authorisation import Call, Check, asks_also

_GIVE = ("lambda:CreateFunction", "lambda:UpdateFunctionConfiguration")


def install() -> None:
    """Let requests that give a function a role need the permission to pass it."""

    @asks_also
    def _pass_role(call: Call) -> Iterator[Check]:
        role = call.data.get("Role")
        if call.action in _GIVE and role:
            context = {"iam:PassedToService": "lambda.amazonaws.com", "iam:AssociatedResourceArn": call.resource}
            yield Check("iam:PassRole", str(role), context)
