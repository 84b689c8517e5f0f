locals {
  location   = { account_id = data.aws_caller_identity.current.account_id, partition = data.aws_partition.current.partition, region = data.aws_service.dynamodb.region }
  encryption = one([for key in module.key : { kms_key_arn = key.arn }])
}

module "key" {
  source = "../../modules/key"
  count  = local.key == null ? 0 : 1

  name                 = local.names.api
  deletion_window_days = one(local.key[*].deletion_window_days)
  location             = local.location
  log_group_names      = concat([for name in local.names.functions : "/aws/lambda/${name}"], ["/aws/apigateway/${local.names.api}", "API-Gateway-Execution-Logs_*/${local.stage_name}"])
}

module "table" {
  source   = "../../modules/table"
  for_each = local.table_facts

  name                        = local.names.tables[each.key]
  capacity                    = try(local.tables[each.key].capacity, { on_demand = local.derived_capacity[each.key] })
  deletion_protection_enabled = try(local.tables[each.key].deletion_protection_enabled, true)
  encryption                  = local.encryption
  hash_key                    = each.value.hash_key
  indexes                     = try(each.value.indexes, {})
  range_key                   = try(each.value.range_key, null)
  recovery_days               = try(local.tables[each.key].recovery_days, 35)
  stream_view_type            = try(each.value.stream_view_type, null)
  ttl_attribute               = try(each.value.ttl_attribute, null)
}

module "function" {
  source   = "../../modules/function"
  for_each = local.services

  name                     = local.names.functions[each.key]
  description              = local.service_facts[each.key].description
  encryption               = local.encryption
  environment_variables    = local.environment_variables[each.key]
  event_sources            = lookup(local.event_sources, each.key, {})
  handler                  = local.service_facts[each.key].handler
  location                 = local.location
  log_retention_days       = local.log_retention_days
  memory_mb                = each.value.memory_mb
  package_hash             = file("${path.module}/../../build/bundle/${each.key}.sha256")
  package_path             = "${path.module}/../../build/bundle/${each.key}.zip"
  permissions_boundary_arn = local.boundary_arn
  permissions              = yamldecode(file("${path.module}/../../lambda/${each.key}/permissions.yaml")).statements
  reserved_concurrency     = try(each.value.reserved_concurrency, null)
  resources                = { for symbol, resource in local.resources : symbol => resource.arn }
  timeout_seconds          = each.value.timeout_seconds
  tracing_enabled          = local.tracing_enabled
}

module "api" {
  source = "../../modules/api"

  name                = local.names.api
  cors                = try(local.api.cors, null)
  encryption          = local.encryption
  execution_log_level = try(local.api.execution_log_level, "ERROR")
  log_retention_days  = local.log_retention_days
  services = {
    for service, function in module.function : service => {
      function = { alias_invoke_arn = function.alias_invoke_arn, alias_name = function.alias_name, name = function.name }
      mix      = try(local.service_facts[service].mix, {})
      openapi  = file("${path.module}/../../build/bundle/${service}.json")
      share    = try(local.services[service].share, null)
    }
  }
  stage_name      = local.stage_name
  stage_variables = { environment = local.environment, function_alias = one(distinct([for function in module.function : function.alias_name])) }
  throttle        = local.api.throttle
  tracing_enabled = local.tracing_enabled
  usage_plan      = one([for plan in local.api.usage_plan[*] : merge(plan, { key_name = local.names.api_key, name = local.names.usage_plan })])
}

module "alarms" {
  source = "../../modules/alarms"

  api            = { name = module.api.name, stage_name = module.api.stage_name }
  custom         = try(local.alarms.custom, {})
  dashboard_name = local.names.api
  enabled        = local.alarms.enabled
  encryption     = local.encryption
  functions      = { for service, values in local.services : service => { name = module.function[service].name, reserved_concurrency = try(values.reserved_concurrency, null), timeout_seconds = values.timeout_seconds } }
  location       = local.location
  prefix         = local.prefix
  queues         = try(local.alarms.queues, {})
  subscribers    = var.subscribers
  suffix         = local.suffix
  tables         = { for name, table in module.table : name => { index_names = table.index_names, name = table.name, on_demand = table.on_demand, operations = local.table_operations[name] } }
  topic_name     = local.alarms.notify ? local.names.alarm_topic : null
}
