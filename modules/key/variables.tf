variable "deletion_window_days" {
  description = "Days between a scheduled deletion of the key and the deletion; until then it can be called back."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains(range(7, 31), var.deletion_window_days)
    error_message = "deletion_window_days must be a whole number from 7 to 30; received ${var.deletion_window_days}."
  }
}

variable "location" {
  description = "Where this is deployed: the ARNs in policies are built from it, so that a plan shows them."
  type        = object({ account_id = string, partition = string, region = string })
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.location.account_id))
    error_message = "location.account_id must be 12 digits; received \"${var.location.account_id}\"."
  }
}

variable "log_group_names" {
  description = "Names of the log groups the key encrypts; * stands for what is known only after creation."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.log_group_names) > 0 && !contains(var.log_group_names, "*")
    error_message = "log_group_names must name at least one log group, and \"*\" alone names all of the account's; received ${jsonencode(var.log_group_names)}."
  }
}

variable "name" {
  description = "Name of the key's alias, without alias/."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9/_-]{1,250}$", var.name)) && !startswith(var.name, "aws/")
    error_message = "name must be 1 to 250 letters, digits, slashes, hyphens or underscores and not begin with aws/; received \"${var.name}\"."
  }
}
