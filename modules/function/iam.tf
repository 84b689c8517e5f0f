locals {
  permissions = yamldecode(file("${path.module}/permissions.yaml"))
  arn_prefix  = "arn:${var.location.partition}"
  arn_place   = "${var.location.region}:${var.location.account_id}"
  table_arn   = "${local.arn_prefix}:dynamodb:${local.arn_place}:table/${var.table.name}"

  # The symbols permissions.yaml uses. Strings instead of references, so that a plan shows the whole policy.
  resources = {
    any       = "*"
    index     = "${local.table_arn}/index/${var.table.index_name}"
    key       = one(var.encryption[*].kms_key_arn)
    log_group = "${local.arn_prefix}:logs:${local.arn_place}:log-group:/aws/lambda/${var.name}:*"
    table     = local.table_arn
  }

  conditions = {
    always       = true
    customer_key = var.encryption != null
    tracing      = var.tracing_enabled
  }

  statements = {
    for statement in local.permissions.statements : statement.sid => merge(
      {
        Sid      = statement.sid
        Effect   = "Allow"
        Action   = sort([for action in statement.actions : action.name])
        Resource = local.resources[statement.resource]
      },
      length(statement.through) == 0 ? {} : {
        Condition = {
          StringEquals = {
            "kms:ViaService" = [for service in statement.through : "${service}.${var.location.region}.amazonaws.com"]
          }
        }
      },
    ) if local.conditions[statement.when]
  }

  key_sids = [for statement in local.permissions.statements : statement.sid if statement.resource == "key"]
}

resource "aws_iam_role" "execution" {
  name        = var.name
  description = "What the function ${var.name} may do; the reasons are in modules/function/permissions.yaml"

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

# On its own, because the key's ARN is known only once the key exists: the policy above can be read in every plan.
resource "aws_iam_role_policy" "key" {
  count = var.encryption == null ? 0 : 1

  name = "key"
  role = aws_iam_role.execution.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for sid, statement in local.statements : statement if contains(local.key_sids, sid)]
  })
}
