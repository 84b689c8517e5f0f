# Every value of the account. What environments differ in stands in theirs.
locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_service.dynamodb.region

  # Derived, so that every root of the account finds it without being told.
  bucket_name = "${local.name_prefix}terraform-state-${local.account_id}"
  bucket_arn  = "arn:${local.partition}:s3:::${local.bucket_name}"

  # What the environments' roots call their things: all that CI may touch.
  blueprint    = yamldecode(file("${path.module}/../../blueprint.yaml"))
  name_prefix  = "${local.blueprint.prefix}-"
  environments = keys(local.blueprint.environments)
  project      = local.blueprint.project
  services     = toset([for file in fileset("${path.module}/../../lambda", "*/service.yaml") : dirname(file)])
}
