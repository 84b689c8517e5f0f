resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.dashboard_name

  dashboard_body = jsonencode({
    widgets = [
      for position, graph in local.graphs : {
        type   = "metric"
        width  = 8
        height = 6
        x      = 8 * (position % 3)
        y      = 6 * floor(position / 3)
        properties = {
          title  = graph.title
          region = var.location.region
          view   = "timeSeries"
          period = try(graph.period, 60)
          yAxis  = { left = merge({ label = graph.unit, showUnits = false }, try(graph.lowest, { min = 0 })) }
          metrics = [
            for metric in graph.metrics : concat([metric[0][0], metric[1]], slice(metric[0], 1, length(metric[0])), [{
              stat = metric[2], label = join(" ", compact([try(metric[3], ""), metric[1], metric[2]]))
            }])
          ]
          annotations = {
            horizontal = [
              for key in graph.lines : { label = key, value = local.catalogue[key].above } if try(local.metric_alarms[key].above, null) != null
            ]
          }
        }
      }
    ]
  })
}
