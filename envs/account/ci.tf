# CI signs in with GitHub's own tokens: no AWS key is stored anywhere. Two roles for each environment: one looks and plans, one
# applies. Nobody is let in by a name alone: names of repositories are given away, ids never (docs/adr/0029).
locals {
  ci_issuer = "token.actions.githubusercontent.com"
  # Built here, so that a plan shows whom the roles trust.
  ci_provider_arn = "arn:${local.partition}:iam::${local.account_id}:oidc-provider/${local.ci_issuer}"

  ci_roles = var.github_repository == null ? {} : merge([
    for environment in keys(local.environments) : {
      for purpose in ["apply", "plan"] : "${environment}/${purpose}" => { environment = environment, purpose = purpose }
    }
  ]...)

  # Each part of a role's rights is a policy of its own, because AWS takes no more than 6,144 characters of one.
  ci_parts = { apply = [for part in keys(local.ci_statements) : part if part != "drift"], plan = ["drift", "read"] }
  ci_statements = {
    for part, statements in {
      api      = local.ci_write_api
      drift    = local.ci_drift
      features = local.ci_features_write
      keys     = local.ci_write_keys
      read     = concat(local.ci_read, local.ci_state_read, local.ci_features_read)
      roles    = local.ci_write_roles
      write    = local.ci_write
    } : part => statements if length(statements) > 0
  }
  ci_policies = merge([
    for environment in distinct(values(local.ci_roles)[*].environment) : {
      for part in keys(local.ci_statements) : "${environment}/${part}" => { environment = environment, part = part }
    }
  ]...)
  ci_attachments = merge([
    for role, of in local.ci_roles : {
      for part in local.ci_parts[of.purpose] : "${role}/${part}" => { policy = "${of.environment}/${part}", role = role }
    }
  ]...)
}

# An account has one for each URL: where somebody made it before, it is used as it is.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_repository == null || var.oidc_provider_exists ? 0 : 1

  url            = "https://${local.ci_issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "ci" {
  for_each = local.ci_roles

  # The prefix stands second: what CI may rewrite are roles that begin with it (ci_roles.tf).
  name               = "ci-${local.name_prefix}${each.value.environment}-${each.value.purpose}"
  description        = "What GitHub Actions of ${var.github_repository.name} may do to ${each.value.purpose} ${each.value.environment}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = local.ci_trust[each.key] })

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_policy" "ci" {
  for_each = local.ci_policies

  name        = "ci-${local.name_prefix}${each.value.environment}-${each.value.part}"
  description = "What GitHub Actions may do to ${each.value.environment}: ${each.value.part}"
  # "{environment}" stands for its name: the same statements for every one.
  policy = replace(jsonencode({ Version = "2012-10-17", Statement = local.ci_statements[each.value.part] }), "{environment}", each.value.environment)
}

resource "aws_iam_role_policy_attachment" "ci" {
  for_each = local.ci_attachments

  role = aws_iam_role.ci[each.value.role].name
  # Made from the name, so that a plan shows which.
  policy_arn = "arn:${local.partition}:iam::${local.account_id}:policy/${aws_iam_policy.ci[each.value.policy].name}"
}
