# What the gateway itself answers, in the form and with the codes of the contract.
locals {
  problems = {
    body_too_large         = { status = 413, title = "Body too large", detail = "The request is larger than the gateway takes." }
    forbidden              = { status = 403, title = "Forbidden", detail = "The API key is missing, wrong or not allowed here." }
    internal               = { status = 500, title = "Internal error", detail = "Something went wrong; the request id finds it in the logs." }
    invalid_body           = { status = 400, title = "Invalid body", detail = "The body does not match the contract." }
    invalid_parameter      = { status = 400, title = "Invalid parameter", detail = "$context.error.message" }
    quota_exceeded         = { status = 429, title = "Quota exceeded", detail = "The API key's requests of the day are used up.", retry_after_seconds = 3600 }
    route_not_found        = { status = 404, title = "No such route", detail = "There is no such path and method." }
    throttled              = { status = 429, title = "Too many requests", detail = "Requests arrive faster than allowed.", retry_after_seconds = 1 }
    timeout                = { status = 504, title = "Timed out", detail = "It took too long; whether a write happened is unknown." }
    unavailable            = { status = 503, title = "Temporarily unavailable", detail = "The service cannot answer now.", retry_after_seconds = 1 }
    unsupported_media_type = { status = 415, title = "Unsupported media type", detail = "The contract does not name the body's media type." }
  }

  response_codes = {
    ACCESS_DENIED          = "forbidden"
    BAD_REQUEST_BODY       = "invalid_body"
    BAD_REQUEST_PARAMETERS = "invalid_parameter"
    # What is left of 4xx is about credentials.
    DEFAULT_4XX = "forbidden"
    DEFAULT_5XX = "internal"
    # A function out of concurrency ends up here, not in THROTTLED.
    INTEGRATION_FAILURE = "unavailable"
    INTEGRATION_TIMEOUT = "timeout"
    INVALID_API_KEY     = "forbidden"
    # The gateway's word for a path or method it does not know, by default with 403.
    MISSING_AUTHENTICATION_TOKEN = "route_not_found"
    QUOTA_EXCEEDED               = "quota_exceeded"
    REQUEST_TOO_LARGE            = "body_too_large"
    RESOURCE_NOT_FOUND           = "route_not_found"
    THROTTLED                    = "throttled"
    UNSUPPORTED_MEDIA_TYPE       = "unsupported_media_type"
    WAF_FILTERED                 = "forbidden"
  }

  gateway_responses = {
    for type, code in local.response_codes : type => {
      status = local.problems[code].status
      body = jsonencode({
        type       = "urn:problem:${code}"
        title      = local.problems[code].title
        status     = local.problems[code].status
        detail     = local.problems[code].detail
        code       = code
        request_id = "$context.requestId"
      })
      headers = {
        for header, value in {
          Access-Control-Allow-Origin   = one(var.cors[*].allow_origin)
          Access-Control-Expose-Headers = one([for cors in var.cors[*] : join(",", cors.expose_headers)])
          Content-Type                  = "application/problem+json"
          Retry-After                   = try(local.problems[code].retry_after_seconds, null)
        } :
        # The inner quotes tell API Gateway that the value is a constant.
        "gatewayresponse.header.${header}" => "'${value}'" if value != null
      }
    }
  }
}

resource "aws_api_gateway_gateway_response" "this" {
  for_each = local.gateway_responses

  rest_api_id         = aws_api_gateway_rest_api.this.id
  response_type       = each.key
  status_code         = each.value.status
  response_templates  = { "application/json" = each.value.body }
  response_parameters = each.value.headers
}
