# What a plan reads: settings, never items, log events or messages, because a pull request's code may run with it. One statement
# for each service and kind of resource; what both roles may do stands here alone.
locals {
  ci_read = [
    { Sid = "ReadAlarms", Effect = "Allow", Resource = local.arns.alarm, Action = ["cloudwatch:ListTagsForResource"] },
    # AWS shows composite alarms only to whom this is allowed on everything (API reference, DescribeAlarms).
    { Sid = "ReadCompositeAlarms", Effect = "Allow", Resource = "*", Action = ["cloudwatch:DescribeAlarms"] },
    { Sid = "ReadDashboard", Effect = "Allow", Resource = local.arns.dashboard, Action = ["cloudwatch:GetDashboard"] },
    {
      Sid      = "ReadTables"
      Effect   = "Allow"
      Resource = local.arns.table
      Action   = ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource"]
    },
    {
      Sid      = "ReadFunctions"
      Effect   = "Allow"
      Resource = [local.arns.function, "${local.arns.function}:*"]
      Action = [
        "lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetPolicy",
        "lambda:ListVersionsByFunction",
      ]
    },
    # Lambda shows a function's variables only to whom may decrypt them; without them every plan would set them anew.
    {
      Sid       = "ReadVariables"
      Effect    = "Allow"
      Resource  = local.arns.key
      Action    = ["kms:Decrypt"]
      Condition = { StringEquals = { "kms:ViaService" = "lambda.${local.region}.amazonaws.com" } }
    },
    { Sid = "ListLogGroups", Effect = "Allow", Resource = "*", Action = ["logs:DescribeLogGroups"] },
    { Sid = "ReadLogGroups", Effect = "Allow", Resource = [local.arns.access_logs, local.arns.execution_logs, local.arns.function_logs], Action = ["logs:ListTagsForResource"] },
    # SNS knows no resource for it. What it shows of a subscription is its address and if it is confirmed.
    { Sid = "ReadSubscriptions", Effect = "Allow", Resource = "*", Action = ["sns:GetSubscriptionAttributes"] },
    { Sid = "ReadTopics", Effect = "Allow", Resource = local.arns.topic, Action = ["sns:GetTopicAttributes", "sns:ListTagsForResource"] },
    { Sid = "ReadRoles", Effect = "Allow", Resource = local.arns.role, Action = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"] },
    # A key's settings open nothing. Its tags are not asked for: KMS takes up to five minutes until they count.
    { Sid = "ReadKeys", Effect = "Allow", Resource = local.arns.key, Action = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"] },
    { Sid = "ListAliases", Effect = "Allow", Resource = "*", Action = ["kms:ListAliases"] },
    # Never the list of API keys: it shows every key's value, and nothing narrows it.
    {
      Sid       = "ReadApi"
      Effect    = "Allow"
      Resource  = local.own_api_paths
      Action    = ["apigateway:GET"]
      Condition = { StringEquals = local.resource_tags }
    },
  ]

  # Drift is looked for with the plan role alone.
  ci_drift = [
    { Sid = "FindTagged", Effect = "Allow", Resource = "*", Action = ["tag:GetResources"] },
  ]

  # The state holds the API key's value. A plan locks it and writes nothing else.
  ci_state_read = [
    { Sid = "ReadStates", Effect = "Allow", Resource = "${local.bucket_arn}/{environment}/*", Action = ["s3:GetObject"] },
    { Sid = "LockState", Effect = "Allow", Resource = "${local.bucket_arn}/{environment}/{environment}/*.tflock", Action = ["s3:DeleteObject", "s3:PutObject"] },
    # Names of states tell nothing; without them S3 answers 403 where there is none yet.
    { Sid = "ListStates", Effect = "Allow", Resource = local.bucket_arn, Action = ["s3:ListBucket"] },
  ]
}
