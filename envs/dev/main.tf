locals {
  suffix        = coalesce(var.environment_suffix, local.environment)
  api_name      = "api-${local.suffix}"
  function_name = "api-items-${local.suffix}"
  stage_name    = "v1"

  location   = { account_id = data.aws_caller_identity.current.account_id, partition = data.aws_partition.current.partition, region = data.aws_region.current.name }
  encryption = one([for key in module.key : { kms_key_arn = key.arn }])
}

module "key" {
  source = "../../modules/key"
  count  = local.key == null ? 0 : 1

  name                 = local.api_name
  deletion_window_days = one(local.key[*].deletion_window_days)
  location             = local.location
  log_group_names      = ["/aws/lambda/${local.function_name}", "/aws/apigateway/${local.api_name}", "API-Gateway-Execution-Logs_*/${local.stage_name}"]
}

module "table" {
  source = "../../modules/table"

  name                        = "api-table-${local.suffix}"
  capacity                    = local.table.capacity
  deletion_protection_enabled = local.table.deletion_protection_enabled
  encryption                  = local.encryption
  recovery_days               = local.table.recovery_days
}

module "function" {
  source = "../../modules/function"

  name                 = local.function_name
  encryption           = local.encryption
  environment          = local.environment
  location             = local.location
  log_retention_days   = local.log_retention_days
  memory_mb            = local.function.memory_mb
  package_path         = "${path.root}/../../build/bundle/items.zip"
  reserved_concurrency = local.function.reserved_concurrency
  table                = { index_name = module.table.index_name, name = module.table.name }
  timeout_seconds      = local.function.timeout_seconds
  tracing_enabled      = local.tracing_enabled
}

module "api" {
  source = "../../modules/api"

  name               = local.api_name
  encryption         = local.encryption
  function           = { alias_invoke_arn = module.function.alias_invoke_arn, alias_name = module.function.alias_name, name = module.function.name }
  log_retention_days = local.log_retention_days
  openapi            = file("${path.root}/../../build/bundle/items.json")
  stage_name         = local.stage_name
  stage_variables    = { environment = local.environment, function_alias = module.function.alias_name }
  throttle           = local.api.throttle
  tracing_enabled    = local.tracing_enabled
  usage_plan         = one([for plan in local.api.usage_plan[*] : merge(plan, { key_name = "api-key-${local.suffix}", name = "api-usage-${local.suffix}" })])
}

module "alarms" {
  source = "../../modules/alarms"

  api            = { name = module.api.name, stage_name = module.api.stage_name }
  dashboard_name = local.api_name
  enabled        = local.alarms.enabled
  encryption     = local.encryption
  function       = { name = module.function.name, reserved_concurrency = local.function.reserved_concurrency, timeout_seconds = local.function.timeout_seconds }
  location       = local.location
  suffix         = local.suffix
  table          = { index_name = module.table.index_name, name = module.table.name, operations = module.function.table_operations }
  topic_name     = local.alarms.notify ? "api-alarms-${local.suffix}" : null
}
