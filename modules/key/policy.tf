# "Resource": "*" in a key policy means this key. Strings instead of references, so that a plan shows them.
locals {
  arn_middle = "${var.location.region}:${var.location.account_id}"
  account    = { AWS = "arn:${var.location.partition}:iam::${var.location.account_id}:root" }

  statements = [
    {
      # Nobody can be locked out of the key, yet nobody may decrypt with it directly either.
      Sid       = "AdministerThroughIam"
      Effect    = "Allow"
      Principal = local.account
      Action = [
        "kms:CancelKeyDeletion", "kms:Create*", "kms:Delete*", "kms:Describe*", "kms:Disable*", "kms:Enable*", "kms:Get*", "kms:List*",
        "kms:Put*", "kms:Revoke*", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:Update*",
      ]
      Resource = "*"
    },
    {
      # What a principal's own IAM policy allows, and only on its way through these services.
      Sid       = "UseThroughServices"
      Effect    = "Allow"
      Principal = local.account
      Action    = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = "*"
      Condition = {
        StringEquals = {
          "kms:ViaService" = [for service in ["dynamodb", "lambda", "sns"] : "${service}.${var.location.region}.amazonaws.com"]
        }
      }
    },
    {
      # A log group cannot be created with a key its region's Logs service may not use.
      Sid       = "EncryptLogs"
      Effect    = "Allow"
      Principal = { Service = "logs.${var.location.region}.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = "*"
      Condition = {
        ArnLike = {
          "kms:EncryptionContext:aws:logs:arn" = [for name in var.log_group_names : "arn:${var.location.partition}:logs:${local.arn_middle}:log-group:${name}"]
        }
      }
    },
    {
      # Without this, alarms change state but their messages to the encrypted topic are dropped.
      Sid       = "PublishAlarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
      Resource  = "*"
      Condition = {
        ArnLike      = { "aws:SourceArn" = "arn:${var.location.partition}:cloudwatch:${local.arn_middle}:alarm:*" }
        StringEquals = { "aws:SourceAccount" = var.location.account_id }
      }
    },
  ]
}
