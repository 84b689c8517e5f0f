# Traffic, errors, latency, saturation; a threshold that an alarm watches is drawn as a line.
locals {
  api_metric      = ["AWS/ApiGateway", "ApiName", var.api.name, "Stage", var.api.stage_name]
  function_metric = ["AWS/Lambda", "FunctionName", var.function.name]
  table_metric    = ["AWS/DynamoDB", "TableName", var.table.name]
  index_metric    = concat(local.table_metric, ["GlobalSecondaryIndexName", var.table.index_name])

  # Metrics as CloudWatch writes them: namespace, metric, dimensions ..., options.
  graphs = [
    {
      title = "Requests", unit = "a minute", lines = []
      metrics = [
        [local.api_metric, "Count", "Sum"],
        [local.api_metric, "4XXError", "Sum"],
        [local.api_metric, "5XXError", "Sum"],
      ]
    },
    {
      title = "Error rate", unit = "share", lines = ["api-4xx-rate-input", "api-5xx-rate-input"]
      metrics = [
        [local.api_metric, "4XXError", "Average"],
        [local.api_metric, "5XXError", "Average"],
      ]
    },
    {
      title = "Latency", unit = "ms", lines = ["api-latency", "lambda-duration"]
      metrics = [
        [local.api_metric, "Latency", "p50"],
        [local.api_metric, "Latency", "p95"],
        [local.api_metric, "Latency", "p99"],
        [local.function_metric, "Duration", "p95"],
      ]
    },
    {
      title = "Function", unit = "a minute", lines = ["lambda-errors"]
      metrics = [
        [local.function_metric, "Invocations", "Sum"],
        [local.function_metric, "Errors", "Sum"],
        [local.function_metric, "Throttles", "Sum"],
      ]
    },
    {
      title = "Concurrency", unit = "at once", lines = ["lambda-concurrency"]
      metrics = [
        [local.function_metric, "ConcurrentExecutions", "Maximum"],
      ]
    },
    {
      title = "Table and index", unit = "a minute", lines = []
      metrics = [
        [local.table_metric, "ConsumedReadCapacityUnits", "Sum"],
        [local.table_metric, "ConsumedWriteCapacityUnits", "Sum"],
        [local.index_metric, "ConsumedReadCapacityUnits", "Sum"],
        [local.index_metric, "ConsumedWriteCapacityUnits", "Sum"],
        [local.table_metric, "ReadThrottleEvents", "Sum"],
        [local.table_metric, "WriteThrottleEvents", "Sum"],
        [local.index_metric, "ReadThrottleEvents", "Sum"],
        [local.index_metric, "WriteThrottleEvents", "Sum"],
      ]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.dashboard_name

  dashboard_body = jsonencode({
    widgets = [
      for position, graph in local.graphs : {
        type   = "metric"
        width  = 12
        height = 6
        x      = 12 * (position % 2)
        y      = 6 * floor(position / 2)
        properties = {
          title  = graph.title
          region = var.location.region
          view   = "timeSeries"
          period = 60
          yAxis  = { left = { min = 0, label = graph.unit, showUnits = false } }
          metrics = [
            for metric in graph.metrics : concat([metric[0][0], metric[1]], slice(metric[0], 1, length(metric[0])), [{ stat = metric[2], label = "${metric[1]} ${metric[2]}" }])
          ]
          annotations = {
            horizontal = [
              for key in graph.lines : { label = key, value = local.catalogue[key].above } if try(local.metric_alarms[key].above, null) != null
            ]
          }
        }
      }
    ]
  })
}
