# Traffic, errors, latency, saturation; a threshold that an alarm watches is drawn as a line.
locals {
  # Places of metrics as CloudWatch writes them: namespace, dimensions.
  on_api      = ["AWS/ApiGateway", "ApiName", var.api.name, "Stage", var.api.stage_name]
  on_function = { for name, function in var.functions : name => ["AWS/Lambda", "FunctionName", function.name] }
  on_table    = { for name, table in var.tables : name => ["AWS/DynamoDB", "TableName", table.name] }

  # Metrics: place, metric, statistic, and where the label needs it the place's name.
  api_graphs = [
    {
      title = "Requests", unit = "a minute", lines = []
      metrics = [
        [local.on_api, "Count", "Sum"],
        [local.on_api, "4XXError", "Sum"],
        [local.on_api, "5XXError", "Sum"],
      ]
    },
    {
      title = "Error rate", unit = "share", lines = ["api-4xx-rate-input", "api-5xx-rate-input"]
      metrics = [
        [local.on_api, "4XXError", "Average"],
        [local.on_api, "5XXError", "Average"],
      ]
    },
    {
      title = "Latency", unit = "ms", lines = ["api-latency"]
      metrics = [
        [local.on_api, "Latency", "p50"],
        [local.on_api, "Latency", "p95"],
        [local.on_api, "Latency", "p99"],
      ]
    },
  ]

  function_graphs = flatten([
    for name, place in local.on_function : [
      {
        title = "Function ${name}", unit = "a minute", lines = ["lambda-errors-${name}"]
        metrics = [
          [place, "Invocations", "Sum"],
          [place, "Errors", "Sum"],
          [place, "Throttles", "Sum"],
        ]
      },
      {
        title = "Duration ${name}", unit = "ms", lines = ["lambda-duration-${name}"]
        metrics = [
          [place, "Duration", "p50"],
          [place, "Duration", "p95"],
        ]
      },
      {
        title = "Concurrency ${name}", unit = "at once", lines = ["lambda-concurrency-${name}"]
        metrics = [
          [place, "ConcurrentExecutions", "Maximum"],
        ]
      },
    ]
  ])

  # A table's metrics do not count what happens on its indexes.
  in_table = {
    for name, table in var.tables : name => concat([{ place = local.on_table[name], label = [] }], [
      for index in table.index_names : { place = concat(local.on_table[name], ["GlobalSecondaryIndexName", index]), label = [index] }
    ])
  }

  table_metrics = {
    throttles            = ["ReadThrottleEvents", "WriteThrottleEvents"]
    "throttles by cause" = flatten([for of in local.throttle_metrics : ["Read${of.middle}ThrottleEvents", "Write${of.middle}ThrottleEvents"] if of.why != ""])
    use                  = ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"]
  }

  table_graphs = flatten([
    for name, parts in local.in_table : [
      for title, metrics in local.table_metrics : {
        title   = "Table ${name}, ${title}", unit = "a minute", lines = []
        metrics = concat([for part in parts : [for metric in metrics : concat([part.place, metric, "Sum"], part.label)]]...)
      }
    ]
  ])

  queue_graphs = [
    for name, queue in var.queues : {
      title   = "Queue ${name}", unit = "s", lines = ["queue-age-${name}"]
      metrics = [[["AWS/SQS", "QueueName", queue.name], "ApproximateAgeOfOldestMessage", "Maximum"]]
    }
  ]

  # A custom metric may go below 0, and has its own rhythm.
  custom_graphs = [
    for key, alarm in var.custom : {
      title   = key, unit = alarm.metric, lines = [key], period = alarm.period_seconds, lowest = {}
      metrics = [[concat([alarm.namespace], flatten([for name, value in alarm.dimensions : [name, value]])), alarm.metric, alarm.statistic]]
    }
  ]

  graphs = concat(local.api_graphs, local.function_graphs, local.table_graphs, local.queue_graphs, local.custom_graphs)
}
