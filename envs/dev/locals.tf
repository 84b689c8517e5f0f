# Every value of this environment. What is not here is the same in all of them.
locals {
  log_retention_days = 7
  tracing_enabled    = false

  # No key of our own: AWS-managed ones encrypt the tables, the service's default keys the rest.
  key = null

  rate_limit = 100

  api = {
    # Every step of every request, for who looks for a mistake; prod writes failures alone, the default.
    execution_log_level = "INFO"

    throttle   = { rate_limit = local.rate_limit, burst_limit = 2 * local.rate_limit }
    usage_plan = null
  }

  services = {
    items = {
      memory_mb            = 512
      reserved_concurrency = 10
      timeout_seconds      = 10
    }
  }

  # Capacity follows from rate_limit and the services' per_request (service.yaml) unless it is given here.
  tables = {
    items = {
      deletion_protection_enabled = false
      recovery_days               = null
    }
  }

  alarms = {
    enabled = ["lambda-errors"]
    # The alarm shows in the console; nobody is told.
    notify = false
  }
}
