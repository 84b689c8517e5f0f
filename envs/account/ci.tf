# CI signs in with GitHub's own tokens: no AWS key is stored anywhere. Two roles: a pull request may look and
# plan; only a job in an environment that GitHub protects may apply.
locals {
  ci_issuer = "token.actions.githubusercontent.com"
  # Built here, so that a plan shows whom the roles trust.
  ci_provider_arn = "arn:${local.partition}:iam::${local.account_id}:oidc-provider/${local.ci_issuer}"

  ci_subjects = var.github_repository == null ? {} : {
    plan  = ["repo:${var.github_repository}:pull_request", "repo:${var.github_repository}:ref:refs/heads/main"]
    apply = [for environment in local.environments : "repo:${var.github_repository}:environment:${environment}"]
  }
  ci_policies = { plan = local.ci_plan_statements, apply = local.ci_apply_statements }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_repository == null ? 0 : 1

  url            = "https://${local.ci_issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "ci" {
  for_each = local.ci_subjects

  # The prefix stands second: what CI may rewrite are roles that begin with it (ci_policies.tf).
  name        = "ci-${local.name_prefix}${each.key}"
  description = "What GitHub Actions of ${var.github_repository} may do to ${each.key}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyThisRepository"
      Effect    = "Allow"
      Principal = { Federated = local.ci_provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.ci_issuer}:aud" = "sts.amazonaws.com"
          "${local.ci_issuer}:sub" = each.value
        }
      }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "ci" {
  for_each = local.ci_subjects

  name   = each.key
  role   = aws_iam_role.ci[each.key].name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.ci_policies[each.key] })
}

# Refreshing a plan reads settings of every service in use; the policy below takes the data out again.
resource "aws_iam_role_policy_attachment" "ci_read" {
  for_each = local.ci_subjects

  role       = aws_iam_role.ci[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/ReadOnlyAccess"
}
