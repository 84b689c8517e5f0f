resource "aws_lambda_event_source_mapping" "this" {
  for_each = var.event_sources

  function_name    = local.alias_arn
  event_source_arn = each.value.source_arn

  # AWS's own defaults, said here so that a plan shows them; only streams have a position.
  batch_size                         = coalesce(each.value.batch_size, each.value.starting_position == null ? 10 : 100)
  maximum_batching_window_in_seconds = each.value.maximum_batching_window_seconds
  starting_position                  = each.value.starting_position

  # Without it one record that fails brings back the whole batch, also what was done.
  function_response_types = ["ReportBatchItemFailures"]

  # Named by its ARN, which is known before the alias exists.
  depends_on = [aws_lambda_alias.live]
}
