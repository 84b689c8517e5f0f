"""Probe of gap_boundary_condition."""

from __future__ import annotations

import json
from typing import Any

from tests.local.gaps.conftest import Emulator, allow, as_role, refused

_TRUST = '{"Statement": []}'
_NOTHING = json.dumps({"Statement": [allow("s3:ListAllMyBuckets")]})


def _limit(emulator: Emulator, name: str) -> str:
    document = json.dumps({"Statement": [allow("dynamodb:GetItem")]})
    return str(emulator.client("iam").create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"])


def _keeper(emulator: Emulator, boundary: str) -> Any:
    actions = ("iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary")
    return as_role(emulator, "keeper-bound", allow(*actions, StringEquals={"iam:PermissionsBoundary": boundary}))("iam")


def test_stock_still_knows_no_boundary(stock: Emulator) -> None:
    boundary = _limit(stock, "limit-bound")
    keeper = _keeper(stock, boundary)
    made = {"RoleName": "made-bound", "AssumeRolePolicyDocument": _TRUST, "PermissionsBoundary": boundary}
    asked = refused(lambda: keeper.create_role(**made))
    assert asked == "iam:CreateRole", "upstream knows the condition key: delete gap_boundary_condition"


def test_a_role_is_made_and_changed_with_the_boundary_only(filled: Emulator) -> None:
    boundary, other = _limit(filled, "limit-bound"), _limit(filled, "other-bound")
    keeper = _keeper(filled, boundary)
    made = {"RoleName": "made-bound", "AssumeRolePolicyDocument": _TRUST}
    assert refused(lambda: keeper.create_role(**made)) == "iam:CreateRole"
    assert refused(lambda: keeper.create_role(**made, PermissionsBoundary=other)) == "iam:CreateRole"
    assert refused(lambda: keeper.create_role(**made, PermissionsBoundary=boundary)) == ""
    policy = {"PolicyName": "more", "PolicyDocument": _NOTHING}
    assert refused(lambda: keeper.put_role_policy(RoleName="made-bound", **policy)) == ""
    assert refused(lambda: keeper.put_role_policy(RoleName="keeper-bound", **policy)) == "iam:PutRolePolicy"
    assert refused(lambda: keeper.delete_role_policy(RoleName="made-bound", PolicyName="more")) == ""
    weaken = {"RoleName": "made-bound", "PermissionsBoundary": other}
    assert refused(lambda: keeper.put_role_permissions_boundary(**weaken)) == "iam:PutRolePermissionsBoundary"


def test_a_condition_on_it_is_never_met_elsewhere(filled: Emulator) -> None:
    boundary = _limit(filled, "elsewhere")
    condition = {"iam:PermissionsBoundary": boundary}
    deletes = as_role(filled, "deleter", allow("iam:DeleteRole", StringEquals=condition))("iam")
    filled.client("iam").create_role(RoleName="kept", AssumeRolePolicyDocument=_TRUST, PermissionsBoundary=boundary)
    assert refused(lambda: deletes.delete_role(RoleName="kept")) == "iam:DeleteRole"
