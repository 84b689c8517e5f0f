# What an apply, a release, a backup and a restore write, beyond what a plan reads (ci_read.tf).
locals {
  ci_write = [
    { Sid = "WriteAlarms", Effect = "Allow", Resource = local.arns.alarm, Action = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"], Condition = local.only_tells },
    # With anything narrower no composite alarm can be made (API reference, PutCompositeAlarm).
    { Sid = "WriteCompositeAlarms", Effect = "Allow", Resource = "*", Action = ["cloudwatch:PutCompositeAlarm"], Condition = local.only_tells },
    { Sid = "WriteDashboard", Effect = "Allow", Resource = local.arns.dashboard, Action = ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"] },
    {
      Sid      = "WriteTables"
      Effect   = "Allow"
      Resource = local.arns.table
      Action = [
        "dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:TagResource", "dynamodb:UntagResource",
        "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive",
      ]
    },
    { Sid = "FindCopies", Effect = "Allow", Resource = "*", Action = ["dynamodb:ListBackups", "dynamodb:ListTables"] },
    # A restore fills a table of its own, and its items go back into the service's (docs/adr/0020).
    {
      Sid      = "BackUpAndRestore"
      Effect   = "Allow"
      Resource = [local.arns.table, "${local.arns.table}/backup/*", "${local.arns.table}-restore-*"]
      Action = [
        "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:CreateBackup", "dynamodb:DeleteItem", "dynamodb:DeleteTable",
        "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:ListTagsOfResource", "dynamodb:PutItem", "dynamodb:Query",
        "dynamodb:RestoreTableFromBackup", "dynamodb:RestoreTableToPointInTime", "dynamodb:Scan", "dynamodb:TagResource",
        "dynamodb:UpdateItem", "dynamodb:UpdateTable",
      ]
    },
    {
      Sid      = "WriteFunctions"
      Effect   = "Allow"
      Resource = [local.arns.function, "${local.arns.function}:*"]
      Action = [
        "lambda:AddPermission", "lambda:CreateAlias", "lambda:CreateFunction", "lambda:DeleteAlias", "lambda:DeleteFunction",
        "lambda:DeleteFunctionConcurrency", "lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration", "lambda:ListAliases",
        "lambda:PublishVersion", "lambda:PutFunctionConcurrency", "lambda:RemovePermission",
        "lambda:TagResource", "lambda:UntagResource", "lambda:UpdateAlias", "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
      ]
    },
    { Sid = "WriteLogGroups", Effect = "Allow", Resource = local.log_groups, Action = local.log_actions },
    # What the preflight asks the account.
    { Sid = "ReadBoundary", Effect = "Allow", Resource = local.arns.boundary, Action = ["iam:GetPolicy"] },
    { Sid = "ReadLambdaQuota", Effect = "Allow", Resource = "*", Action = ["lambda:GetAccountSettings"] },
    { Sid = "ReadApiAccount", Effect = "Allow", Resource = "${local.arns.api}/account", Action = ["apigateway:GET"] },
    # Named by the API's id. A group that is to be made has no tags yet, so one without any passes; one of others does not.
    {
      Sid       = "WriteExecutionLogs"
      Effect    = "Allow"
      Resource  = local.arns.execution_logs
      Action    = local.log_actions
      Condition = { StringEqualsIfExists = merge(local.resource_tags, local.request_tags) }
    },
    { Sid = "WriteTopics", Effect = "Allow", Resource = local.arns.topic, Action = ["sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource"] },
    # SNS knows no resource for it (Service Authorization Reference), so that any subscription of the account can be ended.
    { Sid = "EndSubscriptions", Effect = "Allow", Resource = "*", Action = ["sns:Unsubscribe"] },
    { Sid = "ListStateVersions", Effect = "Allow", Resource = local.bucket_arn, Action = ["s3:ListBucketVersions"] },
    { Sid = "KeepState", Effect = "Allow", Resource = "${local.bucket_arn}/{environment}/{environment}/*", Action = ["s3:DeleteObject", "s3:GetObjectVersion", "s3:PutObject"] },
  ]

  # An alarm may also run functions and end machines (CloudWatch User Guide, "Using condition keys to limit alarm actions").
  only_tells = { "ForAllValues:StringLike" = { "cloudwatch:AlarmActions" = [local.arns.topic] } }

  # With ":*" for all but tags (CloudWatch Logs User Guide, "CloudWatch Logs resources and operations").
  log_groups  = flatten([for group in [local.arns.access_logs, local.arns.function_logs] : [group, "${group}:*"]])
  log_actions = ["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"]
}
