output "alias_invoke_arn" {
  description = "What API Gateway calls: the alias, as an integration URI."
  value       = "${local.arn_prefix}:apigateway:${var.location.region}:lambda:path/2015-03-31/functions/${local.alias_arn}/invocations"

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

output "operations" {
  description = "Operations of AWS's APIs that the service's statements need, by the symbol of the resource they are called on."
  value       = { for symbol, calls in local.calls : symbol => sort(distinct(calls)) }
}

output "version" {
  description = "Version the last apply published; a release makes it live."
  value       = aws_lambda_function.this.version
}
