variable "allowed_account_ids" {
  description = "AWS accounts a plan or apply may touch; empty: any (the local AWS has a made-up one)."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.allowed_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "allowed_account_ids takes account ids of 12 digits; received ${jsonencode(var.allowed_account_ids)}."
  }
}

variable "budget_email" {
  description = "Who hears of the account's costs; needed with monthly_budget_usd."
  type        = string
  default     = null

  validation {
    condition     = var.budget_email == null ? true : can(regex("^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$", var.budget_email))
    error_message = "budget_email must be an e-mail address, or null; received \"${coalesce(var.budget_email, "null")}\"."
  }
}

variable "github_repository" {
  description = "Repository, as owner/name, whose GitHub Actions may plan and apply; null: no access for CI."
  type        = string
  default     = null

  validation {
    # A wildcard here would let other repositories in.
    condition     = var.github_repository == null ? true : can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must be owner/name, or null; received \"${coalesce(var.github_repository, "null")}\"."
  }
}

variable "monthly_budget_usd" {
  description = "US dollars a month the account may cost: an e-mail at 80 % of it, and when 100 % is forecast; null: no budget."
  type        = number
  default     = null

  validation {
    condition     = var.monthly_budget_usd == null ? true : var.monthly_budget_usd >= 1
    error_message = "monthly_budget_usd must be at least 1 US dollar, or null; received ${coalesce(var.monthly_budget_usd, 0)}."
  }

  validation {
    condition     = var.monthly_budget_usd == null || var.budget_email != null
    error_message = "monthly_budget_usd needs budget_email, or nobody hears of it; received no budget_email."
  }
}

variable "owner" {
  description = "Who to ask about this deployment: the Owner tag of everything."
  type        = string
  default     = "unassigned"
  nullable    = false

  validation {
    # What every AWS service takes in a tag's value.
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9 _.:/=+@-]{0,254}$", var.owner))
    error_message = "owner must be 1 to 255 letters, digits, spaces and _.:/=+@- and begin with a letter or digit; received \"${var.owner}\"."
  }
}
