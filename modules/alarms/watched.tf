# The catalogue's alarms for each thing that is watched, and the custom ones. A key ends with the thing's key; things of one
# key, such as a function and its table, belong together: `part` is that key.
locals {
  # What follows from a limit is derived from it.
  derived = {
    for name, function in var.functions : name => {
      lambda-duration    = { above = function.timeout_seconds * 1000 * 0.8 }
      lambda-concurrency = { above = function.reserved_concurrency == null ? null : function.reserved_concurrency * 0.8 }
    }
  }

  function_alarms = merge([
    for name, function in var.functions : {
      for family, alarm in local.of_function : "${family}-${name}" => merge(alarm, lookup(local.derived[name], family, {}), {
        family = family, part = name, namespace = "AWS/Lambda", dimensions = { FunctionName = function.name }
      })
    }
  ]...)

  api_alarms = {
    for key, alarm in local.of_api : key => merge(alarm, {
      part = "api", namespace = "AWS/ApiGateway", dimensions = { ApiName = var.api.name, Stage = var.api.stage_name }
    })
  }

  # SystemErrors exists only per operation.
  system_error_alarms = merge([
    for name, table in var.tables : {
      for operation in table.operations : "table-system-errors-${operation}-${name}" => merge(local.of_table.table-system-errors, {
        family  = "table-system-errors", part = name, namespace = "AWS/DynamoDB", dimensions = { Operation = operation, TableName = table.name }
        summary = "DynamoDB fails on its side in ${operation}"
      })
    }
  ]...)

  queue_alarms = {
    for name, queue in var.queues : "queue-age-${name}" => merge(local.of_queue.queue-age, {
      family  = "queue-age", part = name, namespace = "AWS/SQS", dimensions = { QueueName = queue.name }
      above   = queue.max_age_seconds
      summary = "A message waits longer than ${queue.max_age_seconds} seconds in the queue"
    })
  }

  custom_alarms = {
    for key, alarm in var.custom : key => {
      family  = "custom", part = "custom", namespace = alarm.namespace, dimensions = alarm.dimensions
      metric  = alarm.metric, statistic = alarm.statistic, above = alarm.above
      period  = alarm.period_seconds, periods = alarm.periods, breaching = alarm.breaching
      page    = alarm.page, input = false, silence = { treated_as = alarm.missing_data, because = alarm.why_missing }
      summary = alarm.summary, runbook = alarm.runbook
    }
  }

  built_in  = merge(local.function_alarms, local.api_alarms, local.throttle_alarms, local.system_error_alarms, local.queue_alarms)
  catalogue = merge(local.built_in, local.custom_alarms)

  # Of whatever may page, and so have a part in the alarm service once one rule does not hold all (service.tf).
  things        = toset(concat(["api", "custom"], keys(var.functions), keys(var.tables), keys(var.queues)))
  built_in_keys = concat(keys(local.built_in), keys(local.rates), ["service"], [for thing in local.things : "service-${thing}"])
}
