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

  precondition {
    condition     = contains(keys(local.blueprint.environments), local.environment)
    error_message = "blueprint.yaml must list the environment ${local.environment}; it lists ${join(", ", keys(local.blueprint.environments))}."
  }
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = module.alarms.dashboard_name
}

output "function_names" {
  description = "Names of the functions by service."
  value       = { for service, function in module.function : service => function.name }
}

output "log_group_names" {
  description = "Names of the log groups, by what writes to them."
  value = merge(
    { access = module.api.access_log_group_name, execution = module.api.execution_log_group_name },
    { for service, function in module.function : "function ${service}" => function.log_group_name },
  )
}

output "rest_api_id" {
  description = "Id of the REST API."
  value       = module.api.id
}

output "stage_name" {
  description = "Name of the API's stage."
  value       = module.api.stage_name
}

output "table_names" {
  description = "Names of the tables by what their services call them."
  value       = { for name, table in module.table : name => table.name }

  precondition {
    condition     = length(setsubtract(keys(local.tables), keys(local.table_facts))) == 0
    error_message = "locals.tf has values for tables that no service of this environment declares (service.yaml): ${join(", ", setsubtract(keys(local.tables), keys(local.table_facts)))}."
  }

  precondition {
    condition     = length(local.unread_keys) == 0
    error_message = "Nothing reads these keys of locals.tf and resources.tf; correct their names: ${join(", ", local.unread_keys)}."
  }
}

output "topic_arn" {
  description = "Topic the alarms publish to; null where none is."
  value       = module.alarms.topic_arn
}
