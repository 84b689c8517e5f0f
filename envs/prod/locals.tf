# Every value of this environment. What is not here is the same in all of them.
locals {
  environment        = "prod"
  log_retention_days = 30
  tracing_enabled    = true

  # One key of our own for the table, the logs, the topic and the function's environment.
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

  function = {
    memory_mb            = 1024
    reserved_concurrency = 100
    timeout_seconds      = 10
  }

  # What one request can ask for in request units (1 KB a write, 4 KB a read), for an item of the contract's
  # largest size in plain text, 5 KB:
  #   table  write 11: POST writes the item (5) and its idempotency record, first empty (1), then with the answer (5)
  #          read   4: one strongly consistent read of the record (2) and one of the item (2)
  #   index  write  5: a copy of the item
  #          read  13: a page of 20 items is 100 KB, at half price as the index is eventually consistent
  table = {
    capacity = {
      on_demand = {
        index = { max_read_units = 13 * local.rate_limit, max_write_units = 5 * local.rate_limit }
        table = { max_read_units = 4 * local.rate_limit, max_write_units = 11 * local.rate_limit }
      }
    }
    deletion_protection_enabled = true
    recovery_days               = 35
  }

  alarms = {
    enabled = null # all
    notify  = true
  }
}
