# What DynamoDB turns away, on each table and on each of its indexes: a table's metrics count nothing of its indexes'.
locals {
  # Where requests are turned away, by the end of the alarms' keys.
  throttled = merge([
    for name, table in var.tables : merge(
      { (name) = { part = name, table = table, family = "table-throttles", place = "the table", dimensions = { TableName = table.name } } },
      {
        for index in table.index_names : "${name}-${index}" => {
          part       = name, table = table, family = "index-throttles", place = "the index ${index}"
          dimensions = { GlobalSecondaryIndexName = index, TableName = table.name }
        }
      },
    )
  ]...)

  # ReadThrottleEvents and WriteThrottleEvents count all that is turned away; the others tell why, as each has its own remedy.
  throttle_metrics = {
    any       = { middle = "", why = "" }
    partition = { middle = "KeyRangeThroughput", why = ", because one partition is at its limit" }
    maximum   = { middle = "MaxOnDemandThroughput", why = ", because the maximum set for its capacity is reached" }
  }

  throttle_alarms = merge(flatten([
    for end, at in local.throttled : [
      for cause, of in local.throttle_metrics : {
        for direction in ["read", "write"] :
        "${cause == "any" ? at.family : "${cause}-throttles"}-${direction}-${end}" => merge(local.of_table[cause == "any" ? at.family : "${cause}-throttles"], {
          family  = cause == "any" ? at.family : "${cause}-throttles", part = at.part, namespace = "AWS/DynamoDB", dimensions = at.dimensions
          metric  = "${title(direction)}${of.middle}ThrottleEvents"
          summary = "DynamoDB turns ${direction}s of ${at.place} away${of.why}"
        })
      } if cause != "maximum" || at.table.on_demand
    ]
  ])...)
}
