# Every alarm as data; it fires when the statistic is above the threshold in `breaching` of `periods` periods.
#   page    it wakes somebody, so it counts for the alarm "service"
#   input   it only feeds a composite alarm and tells nobody by itself
#   silence what a period without data means, and why
# Alarms on functions, tables and queues stand here under their families; watched.tf and throttles.tf make them for each.
locals {
  no_requests = { treated_as = "notBreaching", because = "no requests, so none that fails or is slow" }
  no_message  = { treated_as = "notBreaching", because = "SQS sends this metric only while a message waits" }
  only_if_any = { treated_as = "notBreaching", because = "DynamoDB sends this metric only when it happens" }

  of_function = {
    lambda-errors = {
      metric  = "Errors", statistic = "Sum", above = 5
      period  = 300, periods = 2, breaching = 2, page = true, input = false, silence = local.no_requests
      summary = "More than 5 requests in 5 minutes end in an error of the function, twice in a row"
    }
    lambda-throttles = {
      metric  = "Throttles", statistic = "Sum", above = 0
      period  = 60, periods = 3, breaching = 2, page = true, input = false, silence = local.no_requests
      summary = "Requests are turned away because the function's concurrency is used up"
    }
    lambda-duration = {
      metric  = "Duration", statistic = "p95"
      period  = 60, periods = 3, breaching = 3, page = false, input = false, silence = local.no_requests
      summary = "One request in twenty takes more than 80 % of the function's timeout"
    }
    lambda-concurrency = {
      metric  = "ConcurrentExecutions", statistic = "Maximum"
      period  = 60, periods = 3, breaching = 2, page = false, input = false, silence = local.no_requests
      summary = "More than 80 % of the function's reserved concurrency is in use"
    }
  }

  of_api = {
    # The metric is 0 or 1 a request: its average is the rate, its sum would be a count.
    api-4xx-rate-input = {
      family  = "api-4xx-rate", metric = "4XXError", statistic = "Average", above = 0.10
      period  = 300, periods = 2, breaching = 2, page = false, input = true, silence = local.no_requests
      summary = "More than 10 % of requests end in 4xx"
    }
    api-4xx-traffic-input = {
      family  = "api-4xx-rate", metric = "Count", statistic = "Sum", above = 100
      period  = 300, periods = 2, breaching = 2, page = false, input = true, silence = local.no_requests
      summary = "There are enough requests for a rate of 4xx to mean something"
    }
    api-5xx-rate-input = {
      family  = "api-5xx-rate", metric = "5XXError", statistic = "Average", above = 0.01
      period  = 60, periods = 2, breaching = 2, page = false, input = true, silence = local.no_requests
      summary = "More than 1 % of requests end in 5xx"
    }
    api-5xx-traffic-input = {
      family  = "api-5xx-rate", metric = "Count", statistic = "Sum", above = 20
      period  = 60, periods = 2, breaching = 2, page = false, input = true, silence = local.no_requests
      summary = "There are enough requests for a rate of 5xx to mean something"
    }
    api-latency = {
      family  = "api-latency", metric = "Latency", statistic = "p99", above = 3000
      period  = 60, periods = 3, breaching = 3, page = true, input = false, silence = local.no_requests
      summary = "One request in a hundred takes more than 3 seconds"
    }
  }

  of_table = {
    table-throttles = {
      statistic = "Sum", above = 0
      period    = 60, periods = 3, breaching = 2, page = true, input = false, silence = local.only_if_any
    }
    # An index that cannot follow turns writes of its table away.
    index-throttles = {
      statistic = "Sum", above = 0
      period    = 60, periods = 3, breaching = 2, page = true, input = false, silence = local.only_if_any
    }
    # These two say why; whoever is to be woken is woken by the two above, which count the same requests.
    partition-throttles = {
      statistic = "Sum", above = 0
      period    = 60, periods = 3, breaching = 2, page = false, input = false, silence = local.only_if_any
    }
    maximum-throttles = {
      statistic = "Sum", above = 0
      period    = 60, periods = 3, breaching = 2, page = false, input = false, silence = local.only_if_any
    }
    table-system-errors = {
      metric = "SystemErrors", statistic = "Sum", above = 0
      period = 60, periods = 1, breaching = 1, page = true, input = false, silence = local.only_if_any
    }
  }

  of_queue = {
    queue-age = {
      metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum"
      period = 60, periods = 5, breaching = 3, page = true, input = false, silence = local.no_message
    }
  }

  # A rate alone would wake somebody for one bad request out of three.
  rates = {
    api-4xx-rate = { page = false, summary = "More than 10 % of requests end in 4xx, with enough of them to mean it" }
    api-5xx-rate = { page = true, summary = "More than 1 % of requests end in 5xx, with enough of them to mean it" }
  }

  # Also those of which there is nothing to watch: a root may enable a family before it has its first queue.
  families = sort(distinct(concat(
    keys(local.of_function), [for alarm in local.of_api : alarm.family], keys(local.of_table), keys(local.of_queue), ["custom", "service"]
  )))
}
