# Whoever writes roles could give itself any right. So CI writes only roles of this environment's functions, only with the
# boundary (boundary.tf) on them, hands them to Lambda alone, and changes no trust that is there: that is an administrator's apply.
locals {
  with_boundary = { StringEquals = { "iam:PermissionsBoundary" = local.arns.boundary } }

  ci_write_roles = [
    {
      Sid       = "WriteBoundRoles"
      Effect    = "Allow"
      Resource  = local.arns.role
      Action    = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy"]
      Condition = local.with_boundary
    },
    # IAM asks no boundary of these, and none of them gives a right.
    { Sid = "KeepRoles", Effect = "Allow", Resource = local.arns.role, Action = ["iam:DeleteRole", "iam:ListInstanceProfilesForRole", "iam:TagRole", "iam:UntagRole"] },
    {
      Sid       = "PassRoles"
      Effect    = "Allow"
      Resource  = local.arns.role
      Action    = ["iam:PassRole"]
      Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
    },
  ]
}
