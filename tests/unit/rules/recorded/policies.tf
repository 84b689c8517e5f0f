# The configuration of policies.json, which Terraform 1.11 and provider 5.100 planned without an account.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "x"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
resource "aws_iam_role" "other" {
  name               = "other"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
data "aws_iam_policy_document" "doc" {
  statement {
    sid       = "Open"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this.arn, "*"]
    principals {
      type        = "AWS"
      identifiers = ["*", aws_iam_role.other.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = ["123456789012", aws_iam_role.other.unique_id]
    }
  }
  statement {
    actions   = ["sns:Publish"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_iam_role.other.arn]
    }
  }
}
resource "aws_sns_topic" "this" { name = "t" }
resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.this.arn
  policy = data.aws_iam_policy_document.doc.json
}
resource "aws_sns_topic_policy" "enc" {
  arn    = aws_sns_topic.this.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = ["*", aws_iam_role.other.arn] }, Action = "sns:Publish", Resource = "*" }] })
}
resource "aws_kms_key" "none" {}
resource "aws_sqs_queue" "q" { name = "q" }
resource "aws_lambda_permission" "second" {
  function_name = "f"
  principal     = "apigateway.amazonaws.com"
  action        = "lambda:InvokeFunction"
}
data "aws_iam_policy_document" "dyn" {
  dynamic "statement" {
    for_each = { a = aws_iam_role.other.arn }
    content {
      sid     = statement.key
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = [statement.value]
      }
    }
  }
  dynamic "statement" {
    for_each = [aws_iam_role.other.arn]
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
    }
  }
}
resource "aws_iam_role" "dyn" {
  name               = "dyn"
  assume_role_policy = data.aws_iam_policy_document.dyn.json
}
