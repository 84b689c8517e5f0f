# A usage plan limits who shows an API key, so the two come together; a key counts requests, it is no authentication.
resource "aws_api_gateway_usage_plan" "this" {
  count = var.usage_plan == null ? 0 : 1

  name = var.usage_plan.name

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }

  quota_settings {
    limit  = var.usage_plan.quota_per_day
    period = "DAY"
  }

  throttle_settings {
    rate_limit  = var.usage_plan.rate_limit
    burst_limit = var.usage_plan.burst_limit
  }
}

# AWS makes the key's value, so that it stands in no file of ours.
resource "aws_api_gateway_api_key" "this" {
  count = var.usage_plan == null ? 0 : 1

  name = var.usage_plan.key_name
}

resource "aws_api_gateway_usage_plan_key" "this" {
  count = var.usage_plan == null ? 0 : 1

  usage_plan_id = aws_api_gateway_usage_plan.this[0].id
  key_id        = aws_api_gateway_api_key.this[0].id
  key_type      = "API_KEY"
}
