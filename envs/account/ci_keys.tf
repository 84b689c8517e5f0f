# Keys have no names, so what CI may do to one is held to its tags, and its policy is what it was made with: CI never writes one
# (a key policy that changes is an administrator's apply).
locals {
  ci_write_keys = concat([
    # KMS asks for both of a key that is yet to be made, and of the second only where it is allowed on everything
    # (Developer Guide, "Controlling access to tags"); the statements below take the keys that exist out again.
    {
      Sid       = "MakeKeys"
      Effect    = "Allow"
      Resource  = "*"
      Action    = ["kms:CreateKey", "kms:TagResource"]
      Condition = { StringEquals = local.request_tags }
    },
    {
      # A key whose policy shuts out the account's administrators could never be called back.
      Sid       = "NoLockout"
      Effect    = "Deny"
      Resource  = "*"
      Action    = ["kms:CreateKey"]
      Condition = { Bool = { "kms:BypassPolicyLockoutSafetyCheck" = "true" } }
    },
    # Told by what it is not: a key without tags is a key of others. One statement for each tag, or both would have to differ.
    ], [
    for key, value in local.tags : {
      Sid       = "NoKeysOfAnother${key}"
      Effect    = "Deny"
      Resource  = local.arns.key
      Action    = ["kms:TagResource"]
      Condition = { StringNotEquals = { "aws:ResourceTag/${key}" = value } }
    }
    ], [
    {
      Sid       = "ManageKeys"
      Effect    = "Allow"
      Resource  = local.arns.key
      Action    = ["kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource"]
      Condition = { StringEquals = local.resource_tags, StringEqualsIfExists = local.request_tags }
    },
    # Asked for right after a key was made, when its tags do not count yet (up to five minutes): a key that shows none passes,
    # one that shows another's does not. Rotation changes neither who may use a key nor what it opens.
    { Sid = "RotateKeys", Effect = "Allow", Resource = local.arns.key, Action = ["kms:EnableKeyRotation"], Condition = local.not_of_others },
    { Sid = "NameKeys", Effect = "Allow", Resource = [local.arns.alias, local.arns.key], Action = ["kms:CreateAlias", "kms:DeleteAlias"], Condition = local.not_of_others },
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
        StringEquals         = { "kms:ViaService" = [for service in ["dynamodb", "lambda", "sns"] : "${service}.${local.region}.amazonaws.com"] }
        StringEqualsIfExists = local.resource_tags
      }
    },
  ])
}
