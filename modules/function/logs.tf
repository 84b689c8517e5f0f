# Made here, and before the function: Lambda would make its own on the first request, kept for ever and
# unencrypted, and the role may not create groups.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = one(var.encryption[*].kms_key_arn)
}
