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

variable "environment_suffix" {
  description = "End of every name, so that several copies of an environment live side by side; null: the environment's name."
  type        = string
  default     = null

  validation {
    # "" counts as left out: it is how a shell passes an unset variable.
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,18}[a-z0-9]$", coalesce(var.environment_suffix, local.environment)))
    error_message = "environment_suffix must be 3 to 20 lowercase letters, digits and hyphens, no hyphen first or last; received \"${coalesce(var.environment_suffix, "null")}\"."
  }

  validation {
    # What may touch an environment's things is told by the end of their names.
    condition     = alltrue([for other in setsubtract(keys(local.blueprint.environments), [local.environment]) : !endswith("-${coalesce(var.environment_suffix, local.environment)}", "-${other}")])
    error_message = "environment_suffix must not be or end with another environment's name, and this is ${local.environment}; received \"${coalesce(var.environment_suffix, "null")}\"."
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
