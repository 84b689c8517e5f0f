locals {
  # Neither address nor user agent nor query string: enough to find a request, not who made it. The key's id is not its value.
  access_log_fields = {
    apiKeyId             = "$context.identity.apiKeyId"
    errorMessage         = "$context.error.message"
    errorResponseType    = "$context.error.responseType"
    extendedRequestId    = "$context.extendedRequestId"
    httpMethod           = "$context.httpMethod"
    integrationError     = "$context.integration.error"
    integrationLatency   = "$context.integration.latency"
    integrationRequestId = "$context.integration.requestId"
    integrationStatus    = "$context.integration.status"
    path                 = "$context.path"
    protocol             = "$context.protocol"
    requestId            = "$context.requestId"
    requestTime          = "$context.requestTime"
    resourcePath         = "$context.resourcePath"
    responseLatency      = "$context.responseLatency"
    responseLength       = "$context.responseLength"
    status               = "$context.status"
    traceId              = "$context.xrayTraceId"
  }
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = one(var.encryption[*].kms_key_arn)
}

resource "aws_cloudwatch_log_group" "execution" {
  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${var.stage_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = one(var.encryption[*].kms_key_arn)
}
