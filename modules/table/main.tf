locals {
  index_name = "by-collection"
  on_demand  = var.capacity.on_demand

  # Without a ceiling the capacity is fixed: the ceiling is the floor.
  provisioned = var.capacity.provisioned == null ? null : {
    for direction in ["read", "write"] : direction => {
      min_units = var.capacity.provisioned[direction].min_units
      max_units = coalesce(var.capacity.provisioned[direction].max_units, var.capacity.provisioned[direction].min_units)
    }
  }
}

resource "aws_dynamodb_table" "this" {
  name         = var.name
  billing_mode = local.on_demand != null ? "PAY_PER_REQUEST" : "PROVISIONED"
  hash_key     = "id"

  # Starting figures only: in provisioned mode the scaling targets own them (see scaling.tf).
  read_capacity  = one(local.provisioned[*].read.min_units)
  write_capacity = one(local.provisioned[*].write.min_units)

  deletion_protection_enabled = var.deletion_protection_enabled

  attribute {
    name = "id"
    type = "S"
  }

  attribute {
    name = "collection"
    type = "S"
  }

  attribute {
    name = "sort_key"
    type = "S"
  }

  # Makes a list a Query: every item carries the same collection, ordered by sort_key.
  global_secondary_index {
    name            = local.index_name
    hash_key        = "collection"
    range_key       = "sort_key"
    projection_type = "ALL"

    # Terraform cannot ignore one index's capacity without ignoring its definition, so the index stands at
    # the ceiling instead of scaling: an index short of capacity would throttle writes to the table.
    read_capacity  = one(local.provisioned[*].read.max_units)
    write_capacity = one(local.provisioned[*].write.max_units)

    dynamic "on_demand_throughput" {
      for_each = local.on_demand[*].index
      content {
        max_read_request_units  = on_demand_throughput.value.max_read_units
        max_write_request_units = on_demand_throughput.value.max_write_units
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

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }
}
