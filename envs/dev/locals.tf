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

  # The most request units (1 KB a write, 4 KB a read) one request takes, for items as large as the contract lets
  # plain text be, 5 KB:
  #   table  write 13: POST with an idempotency key whose id is taken: a refused transaction of item and key's record
  #                    (twice 5 + 1), then the record alone (1)
  #          read   2: one consistent read of the item, which PUT and DELETE begin with, too
  #   index  write  5: a copy of the item
  #          read  14: a page of 20 items and one more, 105 KB, at half price as the index is eventually consistent
  # Larger pages and filters that match little read more; where many do so at once, the cap answers 503.
  table = {
    capacity = {
      on_demand = {
        index = { max_read_units = 14 * local.rate_limit, max_write_units = 5 * local.rate_limit }
        table = { max_read_units = 2 * local.rate_limit, max_write_units = 13 * local.rate_limit }
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
