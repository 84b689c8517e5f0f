variable "encryption" {
  description = "Customer-managed key that encrypts the logs; null: CloudWatch's own."
  type        = object({ kms_key_arn = string })
  default     = null
}

variable "function" {
  description = "The function that answers every operation, through its alias."
  type        = object({ alias_invoke_arn = string, alias_name = string, name = string })
  nullable    = false

  validation {
    condition     = strcontains(var.function.alias_invoke_arn, ":${var.function.name}:${var.function.alias_name}/invocations")
    error_message = "function.alias_invoke_arn must call the alias ${var.function.alias_name} of ${var.function.name}, or the permissions do not fit the calls; received \"${var.function.alias_invoke_arn}\"."
  }
}

variable "log_retention_days" {
  description = "Days that log events are kept."
  type        = number
  nullable    = false

  validation {
    # CloudWatch Logs knows some numbers only: the provider refuses the others and lists them.
    condition     = var.log_retention_days > 0
    error_message = "log_retention_days must be above 0, which would keep them for ever; received ${var.log_retention_days}."
  }
}

variable "name" {
  description = "Name of the REST API."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,128}$", var.name))
    error_message = "name must be 1 to 128 letters, digits, hyphens or underscores; received \"${var.name}\"."
  }
}

variable "openapi" {
  description = "Text of the contract: OpenAPI 3.0 as YAML or JSON."
  type        = string
  nullable    = false

  validation {
    condition     = try(startswith(yamldecode(var.openapi).openapi, "3.0."), false)
    error_message = "openapi must be the text of an OpenAPI 3.0 document; received openapi version \"${try(yamldecode(var.openapi).openapi, "unreadable")}\"."
  }

  validation {
    condition     = try(length(yamldecode(var.openapi).paths), 0) > 0
    error_message = "openapi must describe at least one path; received ${try(length(yamldecode(var.openapi).paths), 0)} paths."
  }
}

variable "stage_name" {
  description = "Name of the stage, the first part of every path."
  type        = string
  default     = "v1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,128}$", var.stage_name))
    error_message = "stage_name must be 1 to 128 letters, digits, hyphens or underscores; received \"${var.stage_name}\"."
  }
}

variable "stage_variables" {
  description = "Values the function finds in the event of every request."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name, value in var.stage_variables : can(regex("^[A-Za-z0-9_]+$", name)) && can(regex("^[A-Za-z0-9._~:/?#&=,-]+$", value))])
    error_message = "stage_variables take names of letters, digits and _, and values without spaces or quotes (API Gateway's rule); received ${jsonencode(var.stage_variables)}."
  }
}

variable "tracing_enabled" {
  description = "Whether requests are traced with X-Ray."
  type        = bool
  nullable    = false
}
