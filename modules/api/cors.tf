# A browser asks before it sends: the gateway answers for every path whose contract has no OPTIONS of its own.
# The answers to the requests themselves come from the function, which must name the origin too.
locals {
  preflights = var.cors == null ? {} : {
    for path, fields in local.paths :
    path => concat(["OPTIONS"], [for verb in local.verbs : upper(verb) if contains(fields, verb)]) if !contains(fields, "options")
  }

  cors_headers = var.cors == null ? {} : {
    Access-Control-Allow-Headers = join(",", var.cors.allow_headers)
    Access-Control-Allow-Origin  = var.cors.allow_origin
    Access-Control-Max-Age       = var.cors.max_age_seconds
  }
}

resource "aws_api_gateway_method" "preflight" {
  for_each = local.preflights

  rest_api_id   = aws_api_gateway_rest_api.this.id
  resource_id   = local.resource_ids[each.key]
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "preflight" {
  for_each = local.preflights

  rest_api_id       = aws_api_gateway_rest_api.this.id
  resource_id       = local.resource_ids[each.key]
  http_method       = aws_api_gateway_method.preflight[each.key].http_method
  type              = "MOCK"
  request_templates = { "application/json" = jsonencode({ statusCode = 204 }) }
}

resource "aws_api_gateway_method_response" "preflight" {
  for_each = local.preflights

  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = local.resource_ids[each.key]
  http_method = aws_api_gateway_method.preflight[each.key].http_method
  status_code = "204"
  response_parameters = {
    for header in concat(keys(local.cors_headers), ["Access-Control-Allow-Methods"]) : "method.response.header.${header}" => true
  }
}

resource "aws_api_gateway_integration_response" "preflight" {
  for_each = local.preflights

  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = local.resource_ids[each.key]
  http_method = aws_api_gateway_integration.preflight[each.key].http_method
  status_code = aws_api_gateway_method_response.preflight[each.key].status_code
  response_parameters = {
    for header, value in merge(local.cors_headers, { Access-Control-Allow-Methods = join(",", each.value) }) :
    "method.response.header.${header}" => "'${value}'"
  }
}
