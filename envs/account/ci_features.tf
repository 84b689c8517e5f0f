# What only some products use, so that the others' CI may not do it: named in var.ci_features.
locals {
  own_functions  = { ArnLike = { "lambda:FunctionArn" = [local.arns.function, "${local.arns.function}:*"] } }
  scaling_alarms = "arn:${local.partition}:cloudwatch:${local.place}:alarm:TargetTracking-table/${local.own}"
  stages         = "${local.arns.api}/restapis/*/stages/*"
  targets        = "arn:${local.partition}:application-autoscaling:${local.place}:scalable-target/*"
  web_acls       = "arn:${local.partition}:wafv2:${local.place}:regional/webacl/*/*"

  ci_features = {
    event_sources = {
      read = [
        { Sid = "ReadEventSources", Effect = "Allow", Resource = local.arns.mapping, Action = ["lambda:GetEventSourceMapping"], Condition = local.own_functions },
        { Sid = "ReadEventSourceTags", Effect = "Allow", Resource = local.arns.mapping, Action = ["lambda:ListTags"] },
      ]
      write = [
        { Sid = "MakeEventSources", Effect = "Allow", Resource = "*", Action = ["lambda:CreateEventSourceMapping"], Condition = local.own_functions },
        { Sid = "WriteEventSources", Effect = "Allow", Resource = local.arns.mapping, Action = ["lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"], Condition = local.own_functions },
        { Sid = "TagEventSources", Effect = "Allow", Resource = local.arns.mapping, Action = ["lambda:TagResource"], Condition = merge(local.not_of_others, { StringEquals = local.request_tags }) },
      ]
    }
    queues = {
      read = [
        { Sid = "ReadQueues", Effect = "Allow", Resource = local.arns.queue, Action = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"] },
      ]
      write = [
        { Sid = "WriteQueues", Effect = "Allow", Resource = local.arns.queue, Action = ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"] },
      ]
    }
    # Tables with provisioned capacity.
    scaling = {
      read = [
        { Sid = "ReadScaling", Effect = "Allow", Resource = "*", Action = ["application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies"] },
        { Sid = "ReadScalingTags", Effect = "Allow", Resource = local.targets, Action = ["application-autoscaling:ListTagsForResource"] },
      ]
      write = [
        {
          Sid       = "WriteScaling"
          Effect    = "Allow"
          Resource  = local.targets
          Action    = ["application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget", "application-autoscaling:PutScalingPolicy", "application-autoscaling:RegisterScalableTarget"]
          Condition = merge(local.not_of_others, { StringEquals = { "application-autoscaling:service-namespace" = "dynamodb" } })
        },
        { Sid = "TagScaling", Effect = "Allow", Resource = local.targets, Action = ["application-autoscaling:TagResource"], Condition = merge(local.not_of_others, { StringEquals = local.request_tags }) },
        # Asked of the caller, not of the role that scales (Application Auto Scaling User Guide, "identity-based policy examples").
        # No letter of an environment's name is a capital: what follows it is no longer name.
        {
          Sid       = "WriteScalingAlarms"
          Effect    = "Allow"
          Resource  = [for end in ["-Alarm*", "-ProvisionedCapacity*", "/index/*"] : "${local.scaling_alarms}${end}"]
          Action    = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"]
          Condition = { "ForAllValues:StringLike" = { "cloudwatch:AlarmActions" = ["arn:${local.partition}:autoscaling:${local.place}:scalingPolicy:*"] } }
        },
        # The first target of an account makes the role that AWS scales with.
        {
          Sid       = "MakeScalingRole"
          Effect    = "Allow"
          Resource  = "arn:${local.partition}:iam::${local.account_id}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/*"
          Action    = ["iam:CreateServiceLinkedRole"]
          Condition = { StringEquals = { "iam:AWSServiceName" = "dynamodb.application-autoscaling.amazonaws.com" } }
        },
      ]
    }
    web_acl = {
      read = [
        { Sid = "ReadWebAcl", Effect = "Allow", Resource = [local.web_acls, local.stages], Action = ["wafv2:GetWebACL", "wafv2:GetWebACLForResource"] },
      ]
      write = [
        # WAF asks for both, API Gateway for its own: that one tells whose stage it is.
        { Sid = "JoinWebAcl", Effect = "Allow", Resource = [local.web_acls, local.stages], Action = ["wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"] },
        { Sid = "SetWebAcl", Effect = "Allow", Resource = local.stages, Action = ["apigateway:SetWebACL"], Condition = { StringEquals = local.resource_tags } },
      ]
    }
  }
  ci_features_read  = flatten([for feature in var.ci_features : local.ci_features[feature].read])
  ci_features_write = flatten([for feature in var.ci_features : local.ci_features[feature].write])
}
