locals {
  # API Gateway's own limit; the function's timeout stays below it.
  integration_timeout_ms = 29000
}

resource "aws_api_gateway_rest_api" "this" {
  name        = var.name
  description = join("; ", compact([for contract in local.contracts : try(contract.info.title, "")]))

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = length(local.contract_problems) == 0
      error_message = "The contracts (services) hold what API Gateway cannot express: ${join("; ", local.contract_problems)}."
    }
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  # A snapshot: what is removed in the same apply is still in it, as Terraform destroys last (see README.md).
  # The triggers are what goes in, most of it hashed. Hashing the resources redeploys on every apply: their computed attributes change.
  triggers = {
    content = sha256(jsonencode([
      local.operations, local.gateway_responses, local.integration_timeout_ms, var.cors,
    ]))
    # As text, so that environments can be compared: their names differ.
    functions = jsonencode({ for service, given in var.services : service => given.function.alias_invoke_arn })
  }

  depends_on = [
    aws_api_gateway_gateway_response.this,
    aws_api_gateway_integration.this,
    aws_api_gateway_integration_response.preflight,
  ]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = var.stage_name
  variables            = var.stage_variables
  xray_tracing_enabled = var.tracing_enabled

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = jsonencode(local.access_log_fields)
  }

  # The gateway makes this group itself at the first request if it is not there: kept for ever, unencrypted.
  depends_on = [aws_cloudwatch_log_group.execution]
}

resource "aws_wafv2_web_acl_association" "this" {
  count = var.web_acl == null ? 0 : 1

  resource_arn = aws_api_gateway_stage.this.arn
  web_acl_arn  = var.web_acl.arn
}
