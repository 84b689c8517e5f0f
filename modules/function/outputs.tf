output "alias_invoke_arn" {
  description = "What API Gateway calls: the alias, as an integration URI."
  # Built from names, not from attributes, so that a plan shows whether the alias is what is called.
  value = "${local.arn_prefix}:apigateway:${var.location.region}:lambda:path/2015-03-31/functions/${local.arn_prefix}:lambda:${local.arn_place}:function:${var.name}:${local.alias}/invocations"

  depends_on = [aws_lambda_alias.live]
}

output "alias_name" {
  description = "Name of the alias everything calls."
  value       = aws_lambda_alias.live.name
}

output "log_group_name" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "table_operations" {
  description = "Operations the function calls on the table and its index."
  value = sort(distinct(flatten([
    for statement in local.permissions.statements : [
      for action in statement.actions : try(action.calls, [trimprefix(action.name, "dynamodb:")])
    ]
    if contains(["table", "index"], statement.resource)
  ])))
}

output "version" {
  description = "Version the last apply published; a release makes it live."
  value       = aws_lambda_function.this.version
}
