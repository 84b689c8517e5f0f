# AWS applies a stage's throttle to each method by itself, so the methods share out what the API is to let through
# (docs/adr/0031-methods-share-the-rate.md).
locals {
  service_percents = { for service, given in var.services : service => given.share == null ? 100 / length(var.services) : given.share }
  operation_percents = merge([
    for service, found in local.operations_of : {
      for key in keys(found) :
      key => (100 - local.preflight_percent) / 100 * local.service_percents[service] / 100 * try(length(var.services[service].mix) == 0 ? 100 / length(found) : var.services[service].mix[key], 0)
    }
  ]...)
  preflight_percent = length(local.preflights) == 0 ? 0 : var.cors.preflight_percent

  # Rates down to thousandths, as the provider writes six digits and reads back what it wrote; bursts up to whole requests, so that none
  # is below its rate. What is less than a thousandth of either is an error of division.
  method_limits = {
    for key, percent in local.operation_percents : key => {
      rate  = floor(var.throttle.rate_limit * percent * 10 + 0.001) / 1000
      burst = ceil(var.throttle.burst_limit * percent / 100 - 0.001)
    }
  }
  # Preflights have no setting of their own. Without any, nothing falls under this one.
  rest = local.preflight_percent == 0 ? { rate = 1, burst = 1 } : {
    rate  = floor(var.throttle.rate_limit * local.preflight_percent / length(local.preflights) * 10 + 0.001) / 1000
    burst = ceil(var.throttle.burst_limit * local.preflight_percent / length(local.preflights) / 100 - 0.001)
  }
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    # Left out, these mean no limit at all.
    throttling_rate_limit  = local.rest.rate
    throttling_burst_limit = local.rest.burst
    metrics_enabled        = true
    logging_level          = var.execution_log_level
    # A data trace would write bodies and keys into the log.
    data_trace_enabled = false
  }
}

# Takes the place of all settings of */*, not of the throttle alone. AWS finds a method by its path with ~1 for each slash.
resource "aws_api_gateway_method_settings" "this" {
  for_each = local.method_limits

  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "${replace(local.operations[each.key].path, "/", "~1")}/${local.operations[each.key].verb}"

  settings {
    throttling_rate_limit  = each.value.rate
    throttling_burst_limit = each.value.burst
    metrics_enabled        = true
    logging_level          = var.execution_log_level
    data_trace_enabled     = false
  }

  lifecycle {
    precondition {
      condition     = length(local.share_problems) == 0
      error_message = "The rate cannot be shared out to the methods (throttle, cors, services.share, services.mix): ${join("; ", local.share_problems)}."
    }
  }
}
