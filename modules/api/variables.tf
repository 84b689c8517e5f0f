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
  description = "Text of the contract as the canonical JSON that make bundle writes."
  type        = string
  nullable    = false

  validation {
    # YAML is read by whoever compiles it, once: Terraform's reader and Python's take some texts differently.
    condition     = can(jsondecode(var.openapi))
    error_message = "openapi must be JSON, not the YAML it is written in: run make bundle and pass the file that it writes, build/bundle/SERVICE.json; received text that begins with ${jsonencode(substr(var.openapi, 0, 20))}."
  }

  validation {
    condition     = try(startswith(jsondecode(var.openapi).openapi, "3.0."), !can(jsondecode(var.openapi)))
    error_message = "openapi must be an OpenAPI 3.0 document; received openapi version ${try(jsonencode(jsondecode(var.openapi).openapi), "null")}."
  }

  validation {
    condition     = try(length(jsondecode(var.openapi).paths) > 0, !can(jsondecode(var.openapi)))
    error_message = "openapi must describe at least one path; received ${try(length(jsondecode(var.openapi).paths), 0)} paths."
  }

  validation {
    # It names the service in every problem's type, urn:problem:SERVICE:CODE, at the gateway and in the function.
    condition     = try(can(regex("^[a-z][a-z0-9_]*$", jsondecode(var.openapi)["x-service"])), !can(jsondecode(var.openapi)))
    error_message = "openapi must name its service in x-service (a-z, then a-z, 0-9 and _), as make bundle does; received ${try(jsonencode(jsondecode(var.openapi)["x-service"]), "null")}."
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
