locals {
  arn_place        = "${var.location.region}:${var.location.account_id}"
  topic_arn_prefix = "arn:${var.location.partition}:sns:${local.arn_place}"
}

resource "aws_sns_topic" "this" {
  count = var.topic_name == null ? 0 : 1

  name              = var.topic_name
  kms_master_key_id = one(var.encryption[*].kms_key_arn)

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AlarmsOfThisStack"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = "${local.topic_arn_prefix}:${var.topic_name}"
      Condition = {
        ArnLike      = { "aws:SourceArn" = "arn:${var.location.partition}:cloudwatch:${local.arn_place}:alarm:${var.prefix}*-${var.suffix}" }
        StringEquals = { "aws:SourceAccount" = var.location.account_id }
      }
    }]
  })
}

# Names tell subscribers apart and are no secret; their addresses are.
resource "aws_sns_topic_subscription" "this" {
  for_each = toset(nonsensitive(keys(var.subscribers)))

  topic_arn = aws_sns_topic.this[0].arn
  protocol  = nonsensitive(startswith(var.subscribers[each.key], "https://")) ? "https" : "email"
  endpoint  = var.subscribers[each.key]
}
