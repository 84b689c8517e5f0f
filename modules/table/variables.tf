variable "capacity" {
  description = "How much the table and its index may serve; set exactly one. on_demand: the most request units a second (cost is capped there). provisioned: capacity units, scaled between min_units and max_units (default: fixed at min_units) at target_percent utilisation."
  type = object({
    on_demand = optional(object({
      index = object({ max_read_units = number, max_write_units = number })
      table = object({ max_read_units = number, max_write_units = number })
    }))
    provisioned = optional(object({
      read           = object({ min_units = number, max_units = optional(number) })
      target_percent = optional(number, 70)
      write          = object({ min_units = number, max_units = optional(number) })
    }))
  })
  nullable = false

  validation {
    condition     = length([for mode in [var.capacity.on_demand, var.capacity.provisioned] : mode if mode != null]) == 1
    error_message = "capacity takes exactly one of on_demand and provisioned; received ${jsonencode(var.capacity)}."
  }

  validation {
    condition = alltrue([
      for units in var.capacity.on_demand == null ? [] : flatten([values(var.capacity.on_demand.table), values(var.capacity.on_demand.index)]) :
      units >= 1 && floor(units) == units
    ])
    error_message = "capacity.on_demand takes whole request units of at least 1; received ${jsonencode(var.capacity.on_demand)}."
  }

  validation {
    condition = var.capacity.provisioned == null ? true : alltrue([
      for range in [var.capacity.provisioned.read, var.capacity.provisioned.write] :
      range.min_units >= 1 && floor(range.min_units) == range.min_units
      && (range.max_units == null ? true : range.max_units >= range.min_units && floor(range.max_units) == range.max_units)
    ])
    error_message = "capacity.provisioned takes whole capacity units with 1 <= min_units <= max_units; received ${jsonencode(var.capacity.provisioned)}."
  }

  validation {
    condition     = var.capacity.provisioned == null ? true : var.capacity.provisioned.target_percent >= 20 && var.capacity.provisioned.target_percent <= 90
    error_message = "capacity.provisioned.target_percent must be 20 to 90, the range Application Auto Scaling takes for DynamoDB; received ${try(var.capacity.provisioned.target_percent, "none")}."
  }
}

variable "deletion_protection_enabled" {
  description = "Whether DynamoDB refuses to delete the table."
  type        = bool
  nullable    = false
}

variable "encryption" {
  description = "Customer-managed key that encrypts the table; null: the key AWS manages in this account. Going back to null keeps the old key, without a word from AWS."
  type        = object({ kms_key_arn = string })
  default     = null
}

variable "name" {
  description = "Name of the table."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.name))
    error_message = "name must be 3 to 255 letters, digits, dots, hyphens or underscores; received \"${var.name}\"."
  }
}

variable "recovery_days" {
  description = "How many days back the table can be restored to any second (point-in-time recovery); null: not at all."
  type        = number
  default     = null

  validation {
    condition     = var.recovery_days == null ? true : contains(range(1, 36), var.recovery_days)
    error_message = "recovery_days must be a whole number from 1 to 35, or null for none; received ${coalesce(var.recovery_days, "null")}."
  }
}
