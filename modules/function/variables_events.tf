variable "event_sources" {
  description = "Queues and streams that call the function, by a name of your choice; batch_size is 10 for queues and 100 for streams unless given. Reading them takes a statement in permissions."
  type = map(object({
    batch_size                      = optional(number)
    maximum_batching_window_seconds = optional(number)
    source_arn                      = string
    starting_position               = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    # Only these can be told which records of a batch failed.
    condition     = alltrue([for source in var.event_sources : can(regex("^arn:[^:]+:(sqs:|kinesis:.*:stream/|dynamodb:.*:table/.*/stream/)", source.source_arn))])
    error_message = "event_sources takes ARNs of SQS queues, Kinesis streams and DynamoDB streams; received ${jsonencode(values(var.event_sources)[*].source_arn)}."
  }

  validation {
    condition = alltrue([
      for source in var.event_sources :
      can(regex("^arn:[^:]+:sqs:", source.source_arn)) ? source.starting_position == null : contains(["LATEST", "TRIM_HORIZON"], coalesce(source.starting_position, "none"))
    ])
    error_message = "event_sources takes a starting_position of LATEST or TRIM_HORIZON for every stream and none for a queue; received ${jsonencode(var.event_sources)}."
  }

  validation {
    condition = alltrue([
      for source in var.event_sources :
      source.batch_size == null ? true : source.batch_size >= 1 && source.batch_size <= 10000 && floor(source.batch_size) == source.batch_size
    ])
    error_message = "event_sources takes a whole batch_size from 1 to 10000, or null for AWS's default (queues 10, streams 100); received ${jsonencode(var.event_sources)}."
  }

  validation {
    condition = alltrue([
      for source in var.event_sources :
      source.maximum_batching_window_seconds == null ? true : source.maximum_batching_window_seconds >= 0 && source.maximum_batching_window_seconds <= 300 && floor(source.maximum_batching_window_seconds) == source.maximum_batching_window_seconds
    ])
    error_message = "event_sources takes a whole maximum_batching_window_seconds from 0 to 300, or null for none; received ${jsonencode(var.event_sources)}."
  }

  validation {
    condition = alltrue([
      for source in var.event_sources :
      source.starting_position != null || coalesce(source.batch_size, 10) <= 10 || coalesce(source.maximum_batching_window_seconds, 0) >= 1
    ])
    error_message = "event_sources takes a batch_size above 10 from a queue only with a maximum_batching_window_seconds of at least 1; received ${jsonencode(var.event_sources)}."
  }

  validation {
    condition = alltrue([
      for source in var.event_sources :
      !can(regex("^arn:[^:]+:sqs:.*\\.fifo$", source.source_arn)) || coalesce(source.maximum_batching_window_seconds, 0) == 0
    ])
    error_message = "event_sources takes no maximum_batching_window_seconds for a FIFO queue; received ${jsonencode(var.event_sources)}."
  }
}
