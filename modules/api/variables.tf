variable "encryption" {
  description = "Customer-managed key that encrypts the logs; null: CloudWatch's own."
  type        = object({ kms_key_arn = string })
  default     = null
}

variable "execution_log_level" {
  description = "What the gateway writes of each request into its execution log: ERROR, failures alone; INFO, every step, 1.2 to 1.5 KB a request."
  type        = string
  default     = "ERROR"
  nullable    = false

  validation {
    # OFF would leave a failure of the gateway's own without a trace.
    condition     = contains(["ERROR", "INFO"], var.execution_log_level)
    error_message = "execution_log_level must be ERROR or INFO; received \"${var.execution_log_level}\"."
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

variable "services" {
  description = "Services behind the API by name: the contract, as the text of the canonical JSON that make bundle writes; the function that answers its operations, through its alias; which percent of the throttle it gets (share; left out: all services the same) and of that each operation (mix, as \"GET /things/{id}\"; left out: the same)."
  type = map(object({
    function = object({ alias_invoke_arn = string, alias_name = string, name = string })
    mix      = optional(map(number), {})
    openapi  = string
    share    = optional(number)
  }))
  nullable = false

  validation {
    condition     = length(var.services) > 0
    error_message = "services must name at least one service; received none."
  }

  validation {
    condition     = alltrue([for given in values(var.services) : strcontains(given.function.alias_invoke_arn, ":${given.function.name}:${given.function.alias_name}/invocations")])
    error_message = "services: function.alias_invoke_arn must call the alias of its function, or the permissions do not fit the calls; received ${jsonencode({ for service, given in var.services : service => given.function if !strcontains(given.function.alias_invoke_arn, ":${given.function.name}:${given.function.alias_name}/invocations") })}."
  }

  validation {
    # YAML is read by whoever compiles it, once: Terraform's reader and Python's take some texts differently.
    condition     = alltrue([for given in values(var.services) : can(jsondecode(given.openapi))])
    error_message = "services: openapi must be JSON, not the YAML it is written in: run make bundle and pass the file that it writes, build/bundle/SERVICE.json; received texts that begin with ${jsonencode({ for service, given in var.services : service => substr(given.openapi, 0, 20) if !can(jsondecode(given.openapi)) })}."
  }

  validation {
    condition     = alltrue([for given in values(var.services) : try(startswith(jsondecode(given.openapi).openapi, "3.0."), !can(jsondecode(given.openapi)))])
    error_message = "services: openapi must be an OpenAPI 3.0 document; received openapi versions ${jsonencode({ for service, given in var.services : service => try(jsondecode(given.openapi).openapi, null) })}."
  }

  validation {
    condition     = alltrue([for given in values(var.services) : try(length(jsondecode(given.openapi).paths) > 0, !can(jsondecode(given.openapi)))])
    error_message = "services: openapi must describe at least one path; received ${jsonencode({ for service, given in var.services : service => "${try(length(jsondecode(given.openapi).paths), 0)} paths" })}."
  }
}

variable "stage_name" {
  description = "Name of the stage, the first part of every path."
  type        = string
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
