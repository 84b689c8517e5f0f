# A resource that the blueprint does not know, in a file of its own.
resource "aws_sqs_queue" "jobs" {
  name                    = "${local.prefix}jobs-${local.suffix}"
  sqs_managed_sse_enabled = true
}
