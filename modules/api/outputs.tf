output "access_log_group_name" {
  description = "Name of the access log's group."
  value       = aws_cloudwatch_log_group.access.name
}

output "api_key" {
  description = "Value of the API key; null without a usage plan."
  value       = one(aws_api_gateway_api_key.this[*].value)
  sensitive   = true
}

output "api_key_id" {
  description = "Id of the API key; null without a usage plan."
  value       = one(aws_api_gateway_api_key.this[*].id)
}

output "api_key_required" {
  description = "Whether any operation asks for an API key."
  value       = anytrue([for operation in local.operations : operation.key_required])
}

output "execution_log_group_name" {
  description = "Name of the execution log's group."
  value       = aws_cloudwatch_log_group.execution.name
}

output "id" {
  description = "Id of the REST API."
  value       = aws_api_gateway_rest_api.this.id
}

output "invoke_url" {
  description = "Address of the stage on AWS."
  value       = aws_api_gateway_stage.this.invoke_url
}

output "name" {
  description = "Name of the REST API: its metrics are filed under it."
  value       = aws_api_gateway_rest_api.this.name
}

output "stage_name" {
  description = "Name of the stage."
  value       = aws_api_gateway_stage.this.stage_name
}
