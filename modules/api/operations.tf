# Parameters only: bodies are the function's, which says what is wrong with them (docs/adr/0021-the-function-alone-checks-bodies.md).
resource "aws_api_gateway_request_validator" "this" {
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  name                        = "parameters"
  validate_request_body       = false
  validate_request_parameters = true
}

resource "aws_api_gateway_method" "this" {
  for_each = local.operations

  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = local.resource_ids[each.value.path]
  http_method          = each.value.verb
  operation_name       = each.value.id
  authorization        = "NONE"
  api_key_required     = each.value.key_required
  request_parameters   = each.value.parameters
  request_validator_id = aws_api_gateway_request_validator.this.id
}

resource "aws_api_gateway_integration" "this" {
  for_each = local.operations

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = local.resource_ids[each.value.path]
  http_method             = aws_api_gateway_method.this[each.key].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = var.services[each.value.service].function.alias_invoke_arn
  timeout_milliseconds    = local.integration_timeout_ms
}

# One a function, for all its routes: a function's policy holds 20,480 bytes, about 65 permissions of one route each. The API's methods are
# the contract's, so the wildcards let in nothing more. The alias is the qualifier, or every call through it would fail.
resource "aws_lambda_permission" "this" {
  for_each = var.services

  statement_id  = "ApiGateway"
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = each.value.function.name
  qualifier     = each.value.function.alias_name
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${var.stage_name}/*/*"
}
