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

  # What a variable of a function may hold: a resource's name, or how many shards a table's indexes have.
  told = merge(
    { for symbol, resource in local.resources : symbol => resource.name },
    merge([for table, facts in local.table_facts : { for way, shards in try(facts.shards, {}) : "shards:${table}/${way}" => tostring(shards) }]...),
  )

  environment_variables = {
    for service, facts in local.service_facts : service => merge(
      { ENVIRONMENT = local.environment, POWERTOOLS_METRICS_NAMESPACE = local.blueprint.project },
      # The gateway lets a browser's page read its own answers alone.
      { for variable, origin in { CORS_ALLOW_ORIGIN = try(local.api.cors.allow_origin, null) } : variable => origin if origin != null },
      { for variable, symbol in try(facts.environment, {}) : variable => local.told[symbol] },
    )
  }

  # As many request units as the dearest request takes, as often as the throttle lets requests in. DynamoDB takes no cap of 0.
  derived_caps = {
    for table, facts in local.table_facts : table => {
      for name, of in merge({ "" = facts }, try(facts.indexes, {})) : name => {
        for direction in ["read", "write"] : "max_${direction}_units" => max(1, ceil(local.rate_limit * max([for units in values(of.per_request) : try(units[direction], 0)]...)))
      }
    }
  }
  derived_capacity = {
    for table, caps in local.derived_caps : table => { table = caps[""], indexes = { for index, cap in caps : index => cap if index != "" } }
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
    [for key in setsubtract(keys(local.api), ["cors", "execution_log_level", "throttle", "usage_plan"]) : "api.${key}"],
    [for key in setsubtract(keys(local.alarms), ["custom", "enabled", "notify", "queues"]) : "alarms.${key}"],
    [for key in setsubtract(keys(local.event_sources), keys(local.services)) : "event_sources.${key}"],
    flatten([
      for service, values in local.services : [
        for key in setsubtract(keys(values), ["memory_mb", "reserved_concurrency", "share", "timeout_seconds"]) : "services.${service}.${key}"
      ]
    ]),
    flatten([
      for table, values in local.tables : [
        for key in setsubtract(keys(values), ["capacity", "deletion_protection_enabled", "recovery_days"]) : "tables.${table}.${key}"
      ]
    ]),
  )
}
