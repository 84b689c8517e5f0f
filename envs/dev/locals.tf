# Every value of this environment. What is not here is the same in all of them.
locals {
  environment        = "dev"
  log_retention_days = 7
  tracing_enabled    = false

  # No key of our own: AWS-managed ones encrypt the table, the service's default keys the rest.
  key = null

  rate_limit = 100

  api = {
    throttle   = { rate_limit = local.rate_limit, burst_limit = 2 * local.rate_limit }
    usage_plan = null
  }

  function = {
    memory_mb            = 512
    reserved_concurrency = 10
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
    deletion_protection_enabled = false
    recovery_days               = null
  }

  alarms = {
    enabled = ["lambda-errors"]
    # The alarm shows in the console; nobody is told.
    notify = false
  }
}
