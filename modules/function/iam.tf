resource "aws_iam_role" "execution" {
  name        = var.name
  description = "Lets the function ${var.name} do what permissions.yaml says, the module's and the service's"

  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LambdaRunsAsThis"
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  name = "execution"
  role = aws_iam_role.execution.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for sid, statement in local.statements : statement if !contains(local.key_sids, sid)]
  })
}

# On its own, because the key's ARN is known only once the key exists: the policy above can be read in every plan. A data source,
# because a plan then shows these statements, too, and nothing but the ARN is unknown.
data "aws_iam_policy_document" "key" {
  count = var.encryption == null ? 0 : 1

  dynamic "statement" {
    for_each = [for sid, statement in local.statements : statement if contains(local.key_sids, sid)]

    content {
      sid       = statement.value.Sid
      actions   = statement.value.Action
      resources = [statement.value.Resource]

      dynamic "condition" {
        for_each = try(statement.value.Condition.StringEquals, {})

        content {
          test     = "StringEquals"
          variable = condition.key
          values   = condition.value
        }
      }
    }
  }
}

resource "aws_iam_role_policy" "key" {
  count = var.encryption == null ? 0 : 1

  name   = "key"
  role   = aws_iam_role.execution.name
  policy = data.aws_iam_policy_document.key[0].json
}
