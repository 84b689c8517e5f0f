locals {
  place           = "${local.region}:${local.account_id}"
  execution_roles = [for service in local.services : "arn:${local.partition}:iam::${local.account_id}:role/${local.name_prefix}${service}-*"]

  # A plan locks the state and writes nothing else.
  ci_plan_statements = [
    {
      Sid      = "LockStates"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:PutObject"]
      Resource = "${local.bucket_arn}/*.tflock"
    },
    local.ci_no_data,
  ]

  # Reading settings must not mean reading customers' items or logs: a pull request's code runs with this role.
  ci_no_data = {
    Sid    = "NoData"
    Effect = "Deny"
    Action = [
      "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:GetRecords", "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan",
      "logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetLogRecord", "logs:StartLiveTail", "logs:StartQuery", "sqs:ReceiveMessage",
    ]
    Resource = "*"
  }

  # Whole services, but only things named as the environments name theirs: with releases (aliases and versions are parts
  # of their function) and their record (release.json, beside the state). What has no name of ours is read with
  # ReadOnlyAccess, as in a plan: the alarms a release watches, the tags drift is searched by. It writes the policies of those
  # roles, so whoever may deploy may in the end do what they may be given: the protected environment is the gate.
  ci_apply_statements = concat(
    [
      for service, resources in {
        cloudwatch = ["cloudwatch:${local.place}:alarm:*", "cloudwatch::${local.account_id}:dashboard/${local.name_prefix}*"]
        dynamodb   = ["dynamodb:${local.place}:table/${local.name_prefix}*"]
        lambda     = ["lambda:${local.place}:function:${local.name_prefix}*"]
        logs = [
          "logs:${local.place}:log-group:/aws/lambda/${local.name_prefix}*", "logs:${local.place}:log-group:/aws/apigateway/${local.name_prefix}*",
          "logs:${local.place}:log-group:API-Gateway-Execution-Logs_*",
        ]
        # API Gateway names its things by generated ids.
        apigateway = ["apigateway:${local.region}::/*"]
        sns        = ["sns:${local.place}:${local.name_prefix}*"]
        } : {
        Sid      = "Deploy${title(service)}"
        Effect   = "Allow"
        Action   = ["${service}:*"]
        Resource = [for resource in resources : "arn:${local.partition}:${resource}"]
      }
    ],
    [
      {
        Sid      = "KeepStates"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = [for environment in local.environments : "${local.bucket_arn}/${environment}/*"]
      },
    ],
    local.ci_key_statements,
    [
      {
        Sid    = "WriteExecutionRoles"
        Effect = "Allow"
        Action = [
          "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole",
          "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
        ]
        Resource = local.execution_roles
      },
      {
        Sid       = "PassExecutionRoles"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = local.execution_roles
        Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
      },
    ],
  )
}
