# Keys have no names, so what CI may do to one is held to the tag that every resource of the environments carries.
locals {
  ours     = { "aws:ResourceTag/Project" = local.project }
  all_keys = "arn:${local.partition}:kms:${local.place}:key/*"

  ci_key_statements = [
    {
      Sid       = "CreateKeys"
      Effect    = "Allow"
      Action    = ["kms:CreateKey"]
      Resource  = "*"
      Condition = { StringEquals = { "aws:RequestTag/Project" = local.project } }
    },
    {
      # KMS asks before a new key has its tags, so an untagged key passes; one of another project does not.
      Sid      = "TagKeys"
      Effect   = "Allow"
      Action   = ["kms:TagResource"]
      Resource = local.all_keys
      Condition = {
        StringEqualsIfExists = merge(local.ours, { "aws:RequestTag/Project" = local.project })
      }
    },
    {
      Sid    = "ManageKeys"
      Effect = "Allow"
      Action = [
        "kms:CreateAlias", "kms:DeleteAlias", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion",
        "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
      ]
      Resource  = local.all_keys
      Condition = { StringEquals = local.ours }
    },
    {
      # KMS asks for the alias and for its key, above.
      Sid      = "NameKeys"
      Effect   = "Allow"
      Action   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
      Resource = "arn:${local.partition}:kms:${local.place}:alias/${local.name_prefix}*"
    },
    {
      Sid      = "UseKeysThroughServices"
      Effect   = "Allow"
      Action   = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource = local.all_keys
      Condition = {
        StringEquals = merge(local.ours, {
          "kms:ViaService" = [for service in ["dynamodb", "lambda", "sns"] : "${service}.${local.region}.amazonaws.com"]
        })
      }
    },
  ]
}
