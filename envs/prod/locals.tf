# Every value of this environment. What is not here is the same in all of them.
locals {
  log_retention_days = 30
  tracing_enabled    = true

  # One key of our own for tables, logs, the topic and the functions' environments.
  key = { deletion_window_days = 30 }

  rate_limit = 1000

  api = {
    throttle = { rate_limit = local.rate_limit, burst_limit = 2 * local.rate_limit }
    usage_plan = {
      burst_limit   = 2 * local.rate_limit
      quota_per_day = 1000000
      rate_limit    = local.rate_limit
    }
  }

  services = {
    items = {
      memory_mb            = 1024
      reserved_concurrency = 100
      timeout_seconds      = 10
    }
  }

  # Capacity follows from rate_limit and the services' per_request (service.yaml) unless it is given here.
  tables = {
    items = {
      deletion_protection_enabled = true
      recovery_days               = 35
    }
  }

  alarms = {
    enabled = null # all
    notify  = true
  }
}
