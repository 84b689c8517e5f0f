# The most that a function's role may ever do, whatever its policies say: what the permissions.yaml files name, on this
# environment's own things. Whoever may write such roles (CI) must set it on them, and so cannot make one that does more.
locals {
  permission_files = concat(
    ["${path.module}/../../modules/function/permissions.yaml"],
    [for service in local.services : "${path.module}/../../lambda/${service}/permissions.yaml"],
  )
  granted = flatten([
    for file in local.permission_files : [
      for statement in yamldecode(file(file)).statements : [
        for action in statement.actions : { action = action.name, kind = split(":", statement.resource)[0], through = try(statement.through, []) }
      ]
    ]
  ])
  granted_actions = { for kind in distinct(local.granted[*].kind) : kind => sort(distinct([for one in local.granted : one.action if one.kind == kind])) }
  granted_through = { for kind in keys(local.granted_actions) : kind => sort(distinct(flatten([for one in local.granted : one.through if one.kind == kind]))) }

  # By the first word of a symbol (table:NAME): what there may be of it in an environment, named as envs/shared names things.
  boundary_resources = {
    any       = "*"
    bucket    = "arn:${local.partition}:s3:::${local.own}/*"
    index     = "${local.arns.table}/index/*"
    key       = local.arns.key
    log_group = "${local.arns.function_logs}:*"
    parameter = "arn:${local.partition}:ssm:${local.place}:parameter/${local.own}"
    queue     = local.arns.queue
    # Secrets Manager ends a secret's ARN with six characters of its own.
    secret = "arn:${local.partition}:secretsmanager:${local.place}:secret:${local.own}-??????"
    stream = "${local.arns.table}/stream/*"
    table  = local.arns.table
    topic  = local.arns.topic
  }

  boundary_statements = concat(
    [
      for kind, actions in local.granted_actions : merge(
        { Sid = replace(title(replace(kind, "_", " ")), " ", ""), Effect = "Allow", Action = actions, Resource = lookup(local.boundary_resources, kind, "unknown") },
        length(local.granted_through[kind]) == 0 ? {} : {
          Condition = { StringEquals = { "kms:ViaService" = [for service in local.granted_through[kind] : "${service}.${local.region}.amazonaws.com"] } }
        },
      )
    ],
    # Also where a permissions.yaml says otherwise.
    [
      { Sid = "NoAccess", Effect = "Deny", Action = ["iam:*", "organizations:*", "sts:*"], Resource = "*" },
      { Sid = "NoStates", Effect = "Deny", Action = ["s3:*"], Resource = [local.bucket_arn, "${local.bucket_arn}/*"] },
    ],
  )
}

resource "aws_iam_policy" "boundary" {
  for_each = local.environments

  name        = "${local.name_prefix}boundary-${each.key}"
  description = "The most that a function's role of ${each.key} may do"
  policy      = replace(jsonencode({ Version = "2012-10-17", Statement = local.boundary_statements }), "{environment}", each.key)
}
