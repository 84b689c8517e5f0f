# In provisioned mode the scaling targets own the table's capacity, also when it is fixed (minimum = maximum,
# which registration enforces). One owner, so that an apply never undoes what the scaling has done.
locals {
  scaled = local.provisioned == null ? {} : {
    for direction in ["read", "write"] : direction => merge(local.provisioned[direction], {
      dimension = "dynamodb:table:${title(direction)}CapacityUnits"
      metric    = "DynamoDB${title(direction)}CapacityUtilization"
    })
  }
}

resource "aws_appautoscaling_target" "capacity" {
  for_each = local.scaled

  service_namespace  = "dynamodb"
  resource_id        = "table/${aws_dynamodb_table.this.name}"
  scalable_dimension = each.value.dimension
  min_capacity       = each.value.min_units
  max_capacity       = each.value.max_units
}

resource "aws_appautoscaling_policy" "capacity" {
  for_each = local.scaled

  name               = "${var.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.capacity[each.key].service_namespace
  resource_id        = aws_appautoscaling_target.capacity[each.key].resource_id
  scalable_dimension = aws_appautoscaling_target.capacity[each.key].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = var.capacity.provisioned.target_percent

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
    }
  }
}
