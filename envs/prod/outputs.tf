output "alias_name" {
  description = "Alias of the function that serves requests."
  value       = module.function.alias_name
}

output "api_key" {
  description = "Value for the x-api-key header; null where no key is asked."
  value       = module.api.api_key
  sensitive   = true
}

output "api_key_id" {
  description = "Id of the API key; null where no key is asked."
  value       = module.api.api_key_id
}

output "api_key_required" {
  description = "Whether requests need an API key."
  value       = module.api.api_key_required
}

output "base_url" {
  description = "Address of the API on AWS."
  value       = module.api.invoke_url
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = module.alarms.dashboard_name
}

output "function_name" {
  description = "Name of the function."
  value       = module.function.name
}

output "log_group_names" {
  description = "Names of the log groups, by what writes to them."
  value = {
    access    = module.api.access_log_group_name
    execution = module.api.execution_log_group_name
    function  = module.function.log_group_name
  }
}

output "rest_api_id" {
  description = "Id of the REST API."
  value       = module.api.id
}

output "stage_name" {
  description = "Name of the API's stage."
  value       = module.api.stage_name
}

output "table_name" {
  description = "Name of the table."
  value       = module.table.name
}

output "topic_arn" {
  description = "Topic the alarms publish to; null where none is."
  value       = module.alarms.topic_arn
}
