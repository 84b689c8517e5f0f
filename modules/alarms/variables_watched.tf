variable "api" {
  description = "The REST API, by the names its metrics carry."
  type        = object({ name = string, stage_name = string })
  nullable    = false
}

variable "functions" {
  description = "Functions to watch, and the limits their thresholds are derived from. A key is the end of its alarms' keys."
  type        = map(object({ name = string, reserved_concurrency = optional(number), timeout_seconds = number }))
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.functions) : can(regex("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", key))])
    error_message = "Keys of functions must be letters, digits and inner hyphens, dots and underscores; received ${jsonencode(keys(var.functions))}."
  }

  validation {
    condition     = alltrue([for function in var.functions : function.timeout_seconds > 0])
    error_message = "functions: timeout_seconds must be above 0 seconds; received ${jsonencode({ for key, function in var.functions : key => function.timeout_seconds })}."
  }

  validation {
    condition     = alltrue([for function in var.functions : coalesce(function.reserved_concurrency, 1) > 0])
    error_message = "functions: reserved_concurrency must be above 0 executions, or null; received ${jsonencode({ for key, function in var.functions : key => function.reserved_concurrency })}."
  }
}

variable "queues" {
  description = "Queues to watch, and how many seconds a message may wait in each. A key is the end of its alarm's key."
  type        = map(object({ max_age_seconds = number, name = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.queues) : can(regex("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", key))])
    error_message = "Keys of queues must be letters, digits and inner hyphens, dots and underscores; received ${jsonencode(keys(var.queues))}."
  }

  # The metric carries the name; with an ARN or an address the alarm would never fire.
  validation {
    condition     = alltrue([for queue in var.queues : can(regex("^[A-Za-z0-9_-]{1,80}([.]fifo)?$", queue.name))])
    error_message = "queues: name must be a queue's name (1 to 80 letters, digits, hyphens or underscores, perhaps with .fifo), not its ARN or address; received ${jsonencode({ for key, queue in var.queues : key => queue.name })}."
  }

  validation {
    condition     = alltrue([for queue in var.queues : queue.max_age_seconds >= 1 && queue.max_age_seconds < 1209600])
    error_message = "queues: max_age_seconds must be 1 to 1,209,599 seconds, as SQS keeps a message for 1,209,600 at most; received ${jsonencode({ for key, queue in var.queues : key => queue.max_age_seconds })}."
  }
}

variable "tables" {
  description = "Tables to watch, their indexes, whether their capacity is on demand with a maximum, and the operations whose failures are counted. A key is the end of its alarms' keys."
  type        = map(object({ index_names = set(string), name = string, on_demand = bool, operations = set(string) }))
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tables) : can(regex("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", key))])
    error_message = "Keys of tables must be letters, digits and inner hyphens, dots and underscores; received ${jsonencode(keys(var.tables))}."
  }

  # Two alarms of one key would be one alarm.
  validation {
    condition = alltrue([
      for ends in [concat(keys(var.tables), flatten([for key, table in var.tables : [for index in table.index_names : "${key}-${index}"]]))] :
      length(ends) == length(distinct(ends))
    ])
    error_message = "tables: a key and an index's name, joined by a hyphen, must not be those of another table or index; received ${jsonencode({ for key, table in var.tables : key => table.index_names })}."
  }

  validation {
    condition     = alltrue([for table in var.tables : length(table.operations) > 0])
    error_message = "tables: operations must name at least one operation each; received ${jsonencode({ for key, table in var.tables : key => table.operations })}."
  }
}
