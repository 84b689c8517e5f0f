locals {
  alias = "live"
  # Built from names, not from attributes, so that a plan shows whether the alias is what is called.
  alias_arn = "${local.arn_prefix}:lambda:${local.arn_place}:function:${var.name}:${local.alias}"

  own_variables = {
    LOG_LEVEL               = "INFO"
    POWERTOOLS_SERVICE_NAME = var.name
  }
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.execution.arn

  filename = var.package_path
  # Of what the zip is made of: its byte-code differs with whoever builds it, and would make a change of it.
  source_code_hash = var.package_hash
  handler          = var.handler
  runtime          = "python3.13"
  architectures    = ["arm64"]

  memory_size = var.memory_mb
  timeout     = var.timeout_seconds
  # -1 is the provider's word for "no reservation".
  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1)

  # Without a published version the alias would have to point at $LATEST, and nothing could be rolled back.
  publish = true

  # Null is a choice too: Lambda's default service key then encrypts the environment.
  kms_key_arn = one(var.encryption[*].kms_key_arn)

  environment {
    variables = merge(var.environment_variables, local.own_variables)
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.this.name
    application_log_level = "INFO"
    # INFO keeps platform.report, the only record of duration and memory of each request.
    system_log_level = "INFO"
  }

  tracing_config {
    mode = var.tracing_enabled ? "Active" : "PassThrough"
  }

  # A function that starts before its permissions fails its first requests.
  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.key]
}

# Everything calls the alias, never the function: a release or a rollback is a change of this one pointer.
resource "aws_lambda_alias" "live" {
  name             = local.alias
  description      = "The version that serves requests"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version

  lifecycle {
    # Made at the first version; from then on the alias is moved by releases alone (docs/adr/0010).
    ignore_changes = [function_version, routing_config]
  }
}
