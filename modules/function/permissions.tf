locals {
  arn_prefix = "arn:${var.location.partition}"
  arn_place  = "${var.location.region}:${var.location.account_id}"

  # The symbols of permissions.yaml beside this file. A string instead of a reference, so that a plan shows the policy.
  own_resources = {
    any       = "*"
    key       = one(var.encryption[*].kms_key_arn)
    log_group = "${local.arn_prefix}:logs:${local.arn_place}:log-group:/aws/lambda/${var.name}:*"
  }

  conditions = {
    always       = true
    customer_key = var.encryption != null
    tracing      = var.tracing_enabled
  }

  own_permissions = [
    for statement in yamldecode(file("${path.module}/permissions.yaml")).statements : merge({ through = [], when = "always" }, statement)
  ]
  own_sids = [for statement in local.own_permissions : statement.sid]

  arns    = merge(var.resources, local.own_resources)
  granted = [for statement in concat(local.own_permissions, var.permissions) : statement if local.conditions[statement.when]]

  statements = {
    for statement in local.granted : statement.sid => merge(
      {
        Sid      = statement.sid
        Effect   = "Allow"
        Action   = sort([for action in statement.actions : action.name])
        Resource = local.arns[statement.resource]
      },
      length(statement.through) == 0 ? {} : {
        Condition = {
          StringEquals = {
            "kms:ViaService" = [for service in statement.through : "${service}.${var.location.region}.amazonaws.com"]
          }
        }
      },
    )
  }

  key_sids = [for statement in local.granted : statement.sid if statement.resource == "key"]

  # An action that names no calls is called as what it is.
  calls = {
    for call in flatten([
      for statement in var.permissions : [
        for action in statement.actions : [
          for operation in length(action.calls) == 0 ? [split(":", action.name)[1]] : action.calls :
          { operation = operation, resource = statement.resource }
        ]
      ] if local.conditions[statement.when]
    ]) : call.resource => call.operation...
  }
}
