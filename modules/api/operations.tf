resource "aws_api_gateway_model" "this" {
  for_each = local.models

  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = each.key
  description  = "From components.schemas of the contract"
  content_type = "application/json"
  schema       = each.value
}

resource "aws_api_gateway_request_validator" "this" {
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  name                        = "everything"
  validate_request_body       = true
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
  request_models       = { for media_type, name in each.value.models : media_type => aws_api_gateway_model.this[name].name }
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
  uri                     = var.function.alias_invoke_arn
  timeout_milliseconds    = local.integration_timeout_ms
}

# One a route: neither another stage nor a method the contract lacks may call the function. The alias is the
# qualifier, or every call through it would fail.
resource "aws_lambda_permission" "this" {
  for_each = local.operations

  statement_id  = each.value.id
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = var.function.name
  qualifier     = var.function.alias_name
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${var.stage_name}/${each.value.verb}${replace(each.value.path, "/\\{[^}]*\\}/", "*")}"
}
