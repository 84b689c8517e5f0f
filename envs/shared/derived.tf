# What follows from the environment's values and from what the services tell of themselves.
locals {
  # Made by envs/account, for the environment under its own name: all that CI deploys. A copy with another suffix has none.
  boundary_arn = local.suffix == local.environment ? "arn:${local.location.partition}:iam::${local.location.account_id}:policy/${local.names.boundary}" : null

  table_arn = "arn:${local.location.partition}:dynamodb:${local.location.region}:${local.location.account_id}:table"

  # What permissions.yaml and service.yaml may name. ARNs as strings, so that a plan shows the policies; a table's name by
  # reference, so that a function is made and changed after its tables.
  resources = merge(
    { for table, made in module.table : "table:${table}" => { arn = "${local.table_arn}/${made.name}", name = made.name } },
    merge([
      for table, facts in local.table_facts : {
        for index in keys(try(facts.indexes, {})) : "index:${table}/${index}" => { arn = "${local.table_arn}/${local.names.tables[table]}/index/${index}", name = index }
      }
    ]...),
    local.own_resources,
  )

  environment_variables = {
    for service, facts in local.service_facts : service => merge(
      { ENVIRONMENT = local.environment, POWERTOOLS_METRICS_NAMESPACE = local.blueprint.project },
      { for variable, symbol in try(facts.environment, {}) : variable => local.resources[symbol].name },
    )
  }

  # As many request units as the dearest request takes, as often as the throttle lets requests in.
  derived_capacity = {
    for table, facts in local.table_facts : table => {
      table   = { max_read_units = facts.per_request.read * local.rate_limit, max_write_units = facts.per_request.write * local.rate_limit }
      indexes = { for index, of in try(facts.indexes, {}) : index => { max_read_units = of.per_request.read * local.rate_limit, max_write_units = of.per_request.write * local.rate_limit } }
    }
  }

  table_operations = {
    for table in keys(local.table_facts) : table => distinct(flatten([
      for function in module.function : [
        for symbol, operations in function.operations : operations if symbol == "table:${table}" || startswith(symbol, "index:${table}/")
      ]
    ]))
  }

  # A misspelt key would be a default that nobody chose.
  unread_keys = concat(
    [for key in setsubtract(keys(local.api), ["cors", "throttle", "usage_plan"]) : "api.${key}"],
    [for key in setsubtract(keys(local.alarms), ["custom", "enabled", "notify", "queues"]) : "alarms.${key}"],
    [for key in setsubtract(keys(local.event_sources), keys(local.services)) : "event_sources.${key}"],
    flatten([
      for service, values in local.services : [
        for key in setsubtract(keys(values), ["memory_mb", "reserved_concurrency", "timeout_seconds"]) : "services.${service}.${key}"
      ]
    ]),
    flatten([
      for table, values in local.tables : [
        for key in setsubtract(keys(values), ["capacity", "deletion_protection_enabled", "recovery_days"]) : "tables.${table}.${key}"
      ]
    ]),
  )
}
