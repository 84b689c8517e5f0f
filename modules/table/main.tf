locals {
  on_demand = var.capacity.on_demand

  # Without a ceiling the capacity is fixed: the ceiling is the floor.
  provisioned = var.capacity.provisioned == null ? null : {
    for direction in ["read", "write"] : direction => {
      min_units = var.capacity.provisioned[direction].min_units
      max_units = coalesce(var.capacity.provisioned[direction].max_units, var.capacity.provisioned[direction].min_units)
    }
  }

  # DynamoDB wants the attributes that are keys, each once, and no others.
  keys = concat(
    [var.hash_key], var.range_key[*],
    flatten([for index in values(var.indexes) : concat([index.hash_key], index.range_key[*])]),
  )
  attributes = { for key in local.keys : key.name => key.type... }
  type_codes = { binary = "B", number = "N", string = "S" }
}

resource "aws_dynamodb_table" "this" {
  name         = var.name
  billing_mode = local.on_demand != null ? "PAY_PER_REQUEST" : "PROVISIONED"
  hash_key     = var.hash_key.name
  range_key    = one(var.range_key[*].name)

  # Starting figures only: in provisioned mode the scaling targets own them (see scaling.tf).
  read_capacity  = one(local.provisioned[*].read.min_units)
  write_capacity = one(local.provisioned[*].write.min_units)

  deletion_protection_enabled = var.deletion_protection_enabled

  stream_enabled   = var.stream_view_type != null
  stream_view_type = var.stream_view_type

  dynamic "attribute" {
    for_each = local.attributes
    content {
      name = attribute.key
      type = lookup(local.type_codes, attribute.value[0], attribute.value[0])
    }
  }

  dynamic "global_secondary_index" {
    for_each = var.indexes
    iterator = index
    content {
      name            = index.key
      hash_key        = index.value.hash_key.name
      range_key       = one(index.value.range_key[*].name)
      projection_type = index.value.projection

      # Terraform cannot ignore one index's capacity without ignoring its definition, so an index stands at
      # the ceiling instead of scaling: an index short of capacity would throttle writes to the table.
      read_capacity  = one(local.provisioned[*].read.max_units)
      write_capacity = one(local.provisioned[*].write.max_units)

      dynamic "on_demand_throughput" {
        for_each = [for units in local.on_demand[*].indexes : units[index.key]]
        content {
          max_read_request_units  = on_demand_throughput.value.max_read_units
          max_write_request_units = on_demand_throughput.value.max_write_units
        }
      }
    }
  }

  dynamic "on_demand_throughput" {
    for_each = local.on_demand[*].table
    content {
      max_read_request_units  = on_demand_throughput.value.max_read_units
      max_write_request_units = on_demand_throughput.value.max_write_units
    }
  }

  point_in_time_recovery {
    enabled                 = var.recovery_days != null
    recovery_period_in_days = var.recovery_days
  }

  # Always enabled: without a key AWS then uses its managed key, whose use CloudTrail shows;
  # disabled would mean the key AWS owns and nobody sees.
  server_side_encryption {
    enabled     = true
    kms_key_arn = one(var.encryption[*].kms_key_arn)
  }

  # Also where nothing expires: a block that has gone is no change to the provider, and items would go on expiring.
  ttl {
    attribute_name = var.ttl_attribute
    enabled        = var.ttl_attribute != null
  }

  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }
}
