variable "capacity" {
  description = "How much the table and its indexes may serve; set exactly one. on_demand: the most request units a second of the table and of each index, by its name (cost is capped there). provisioned: capacity units, scaled between min_units and max_units (default: fixed at min_units) at target_percent utilisation."
  type = object({
    on_demand = optional(object({
      indexes = optional(map(object({ max_read_units = number, max_write_units = number })), {})
      table   = object({ max_read_units = number, max_write_units = number })
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
      for units in flatten([for caps in var.capacity.on_demand[*] : [for cap in concat([caps.table], values(caps.indexes)) : values(cap)]]) :
      units >= 1 && floor(units) == units
    ])
    error_message = "capacity.on_demand takes whole request units of at least 1; received ${jsonencode(var.capacity.on_demand)}."
  }

  validation {
    condition     = var.capacity.on_demand == null ? true : length(setsubtract(keys(var.indexes), keys(var.capacity.on_demand.indexes))) == 0
    error_message = "capacity.on_demand.indexes must cap every index; none for: ${join(", ", setsubtract(keys(var.indexes), try(keys(var.capacity.on_demand.indexes), [])))}."
  }

  validation {
    condition     = var.capacity.on_demand == null ? true : length(setsubtract(keys(var.capacity.on_demand.indexes), keys(var.indexes))) == 0
    error_message = "capacity.on_demand.indexes must name indexes of the table; it has no ${join(", ", setsubtract(try(keys(var.capacity.on_demand.indexes), []), keys(var.indexes)))}."
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
