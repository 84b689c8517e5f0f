# What the environments' roots call their things (envs/shared/names.tf), as patterns. CI deploys an environment under its own
# name; copies of it with another suffix are their makers'. No environment's name ends with another's (harness.facts sees to
# that), so that one's pattern never covers the other's things.
locals {
  place = "${local.region}:${local.account_id}"
  own   = "${local.name_prefix}*-{environment}"
  # The API, its dashboard, its key's alias and its log: prefix and environment alone.
  own_api = "${local.name_prefix}{environment}"

  arns = {
    access_logs    = "arn:${local.partition}:logs:${local.place}:log-group:/aws/apigateway/${local.own_api}"
    alarm          = "arn:${local.partition}:cloudwatch:${local.place}:alarm:${local.own}"
    alias          = "arn:${local.partition}:kms:${local.place}:alias/${local.own_api}"
    api            = "arn:${local.partition}:apigateway:${local.region}::"
    boundary       = "arn:${local.partition}:iam::${local.account_id}:policy/${local.name_prefix}boundary-{environment}"
    dashboard      = "arn:${local.partition}:cloudwatch::${local.account_id}:dashboard/${local.own_api}"
    execution_logs = "arn:${local.partition}:logs:${local.place}:log-group:API-Gateway-Execution-Logs_*"
    function       = "arn:${local.partition}:lambda:${local.place}:function:${local.own}"
    function_logs  = "arn:${local.partition}:logs:${local.place}:log-group:/aws/lambda/${local.own}"
    key            = "arn:${local.partition}:kms:${local.place}:key/*"
    mapping        = "arn:${local.partition}:lambda:${local.place}:event-source-mapping:*"
    queue          = "arn:${local.partition}:sqs:${local.place}:${local.own}"
    role           = "arn:${local.partition}:iam::${local.account_id}:role/${local.own}"
    table          = "arn:${local.partition}:dynamodb:${local.place}:table/${local.own}"
    topic          = "arn:${local.partition}:sns:${local.place}:${local.own}"
  }

  # What has no name of ours is told by the tags that every resource of an environment carries.
  tags          = { Environment = "{environment}", Project = local.project }
  resource_tags = { for key, value in local.tags : "aws:ResourceTag/${key}" => value }
  not_of_others = { StringEqualsIfExists = local.resource_tags }
  request_tags  = { for key, value in local.tags : "aws:RequestTag/${key}" => value }
}
