# Every alarm as data; it fires when the statistic is above the threshold in `breaching` of `periods` periods.
#   family  its name in var.enabled and of its runbook
#   page    it wakes somebody, so it counts for the alarm "service"
#   input   it only feeds a composite alarm and tells nobody by itself
#   silence what a period without data means, and why
locals {
  # What follows from something else is derived from it.
  duration_ms = var.function.timeout_seconds * 1000 * 0.8
  concurrency = var.function.reserved_concurrency == null ? null : var.function.reserved_concurrency * 0.8

  sources = {
    api      = { namespace = "AWS/ApiGateway", dimensions = { ApiName = var.api.name, Stage = var.api.stage_name } }
    function = { namespace = "AWS/Lambda", dimensions = { FunctionName = var.function.name } }
    table    = { namespace = "AWS/DynamoDB", dimensions = { TableName = var.table.name } }
  }

  no_requests = { treated_as = "notBreaching", because = "no requests, so none that fails or is slow" }
  only_if_any = { treated_as = "notBreaching", because = "DynamoDB sends this metric only when it happens" }

  of_function = {
    lambda-errors = {
      family  = "lambda-errors", source = "function", metric = "Errors", statistic = "Sum", above = 5
      period  = 300, periods = 2, breaching = 2, page = true, input = false, silence = local.no_requests
      summary = "More than 5 requests in 5 minutes end in an error of the function, twice in a row"
    }
    lambda-throttles = {
      family  = "lambda-throttles", source = "function", metric = "Throttles", statistic = "Sum", above = 0
      period  = 60, periods = 3, breaching = 2, page = true, input = false, silence = local.no_requests
      summary = "Requests are turned away because the function's concurrency is used up"
    }
    lambda-duration = {
      family  = "lambda-duration", source = "function", metric = "Duration", statistic = "p95", above = local.duration_ms
      period  = 60, periods = 3, breaching = 3, page = false, input = false, silence = local.no_requests
      summary = "One request in twenty takes more than 80 % of the function's timeout"
    }
    lambda-concurrency = {
      family  = "lambda-concurrency", source = "function", metric = "ConcurrentExecutions", statistic = "Maximum", above = local.concurrency
      period  = 60, periods = 3, breaching = 2, page = false, input = false, silence = local.no_requests
      summary = "More than 80 % of the function's reserved concurrency is in use"
    }
  }

  of_api = {
    # The metric is 0 or 1 a request: its average is the rate, its sum would be a count.
    api-4xx-rate-input = {
      family  = "api-4xx-rate", source = "api", metric = "4XXError", statistic = "Average", above = 0.10
      period  = 300, periods = 2, breaching = 2, page = false, input = true, silence = local.no_requests
      summary = "More than 10 % of requests end in 4xx"
    }
    api-4xx-traffic-input = {
      family  = "api-4xx-rate", source = "api", metric = "Count", statistic = "Sum", above = 100
      period  = 300, periods = 2, breaching = 2, page = false, input = true, silence = local.no_requests
      summary = "There are enough requests for a rate of 4xx to mean something"
    }
    api-5xx-rate-input = {
      family  = "api-5xx-rate", source = "api", metric = "5XXError", statistic = "Average", above = 0.01
      period  = 60, periods = 2, breaching = 2, page = false, input = true, silence = local.no_requests
      summary = "More than 1 % of requests end in 5xx"
    }
    api-5xx-traffic-input = {
      family  = "api-5xx-rate", source = "api", metric = "Count", statistic = "Sum", above = 20
      period  = 60, periods = 2, breaching = 2, page = false, input = true, silence = local.no_requests
      summary = "There are enough requests for a rate of 5xx to mean something"
    }
    api-latency = {
      family  = "api-latency", source = "api", metric = "Latency", statistic = "p99", above = 3000
      period  = 60, periods = 3, breaching = 3, page = true, input = false, silence = local.no_requests
      summary = "One request in a hundred takes more than 3 seconds"
    }
  }

  of_table = merge(
    {
      for direction in ["read", "write"] : "table-throttles-${direction}" => {
        family  = "table-throttles", source = "table", metric = "${title(direction)}ThrottleEvents", statistic = "Sum", above = 0
        period  = 60, periods = 3, breaching = 2, page = true, input = false, silence = local.only_if_any
        summary = "DynamoDB turns ${direction}s away because the table's capacity is used up"
      }
    },
    {
      # SystemErrors exists only per operation.
      for operation in var.table.operations : "table-system-errors-${operation}" => {
        family     = "table-system-errors", source = "table", metric = "SystemErrors", statistic = "Sum", above = 0
        period     = 60, periods = 1, breaching = 1, page = true, input = false, silence = local.only_if_any
        summary    = "DynamoDB fails on its side in ${operation}"
        dimensions = { Operation = operation }
      }
    },
  )

  catalogue = merge(local.of_function, local.of_api, local.of_table)

  # A rate alone would wake somebody for one bad request out of three.
  rates = {
    api-4xx-rate = { page = false, summary = "More than 10 % of requests end in 4xx, with enough of them to mean it" }
    api-5xx-rate = { page = true, summary = "More than 1 % of requests end in 5xx, with enough of them to mean it" }
  }

  families = sort(distinct(concat([for alarm in local.catalogue : alarm.family], ["service"])))
}
