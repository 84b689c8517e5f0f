# Keys have no names, so what CI may do to one is held to its tags. An administrator makes it: AWS lets nobody make a key who
# may not change its policy, and whoever may change that may let others in (docs/adr/0029-ci-may-do-what-it-uses.md).
locals {
  ci_write_keys = [
    {
      Sid       = "ManageKeys"
      Effect    = "Allow"
      Resource  = local.arns.key
      Action    = ["kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource"]
      Condition = { StringEquals = local.resource_tags, StringEqualsIfExists = local.request_tags }
    },
    # An alias has no tags: the key behind it is told by its own, once they count.
    { Sid = "UnnameKeys", Effect = "Allow", Resource = [local.arns.alias, local.arns.key], Action = ["kms:DeleteAlias"], Condition = local.not_of_others },
    # What a service does with a key on behalf of whom calls it; which things of the service those are stands in ci_write.tf.
    {
      Sid      = "UseKeysThroughServices"
      Effect   = "Allow"
      Resource = local.arns.key
      Action = [
        "kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom", "kms:ReEncryptTo",
      ]
      Condition = {
        StringEquals = merge(local.resource_tags, {
          "kms:ViaService" = [for service in ["dynamodb", "lambda", "sns"] : "${service}.${local.region}.amazonaws.com"]
        })
      }
    },
  ]
}
