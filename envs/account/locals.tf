# Every value of the account. What environments differ in stands in theirs.
locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  # Derived, so that every root of the account finds it without being told.
  bucket_name = "${local.name_prefix}terraform-state-${local.account_id}"
  bucket_arn  = "arn:${local.partition}:s3:::${local.bucket_name}"

  # What the environments' roots call their things: all that CI may touch.
  blueprint   = yamldecode(file("${path.module}/../../blueprint.yaml"))
  name_prefix = "${local.blueprint.prefix}-"
  project     = local.blueprint.project
  services    = toset([for file in fileset("${path.module}/../../lambda", "*/permissions.yaml") : dirname(file)])

  # Which environments live in this account stands in their own aws.tfvars. The local AWS (twelve zeros) has all of them.
  accounts     = { for name in keys(local.blueprint.environments) : name => flatten(regexall("\"([0-9]{12})\"", file("${path.module}/../${name}/aws.tfvars"))) }
  environments = { for name, ids in local.accounts : name => { guarded = try(local.blueprint.environments[name].guarded, true) } if contains(ids, local.account_id) || local.account_id == "000000000000" }
}
