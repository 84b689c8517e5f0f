# The tree of path segments. Resources of one block cannot refer to each other, hence a block a level.
locals {
  nodes = {
    for prefix in distinct(flatten([
      for path in keys(local.paths) : [
        for depth in range(length(compact(split("/", path)))) : join("/", slice(compact(split("/", path)), 0, depth + 1))
      ]
    ])) :
    "/${prefix}" => {
      depth  = length(split("/", prefix))
      parent = join("", [for part in slice(split("/", prefix), 0, length(split("/", prefix)) - 1) : "/${part}"])
      part   = reverse(split("/", prefix))[0]
    }
  }

  resource_ids = merge(
    { "/" = aws_api_gateway_rest_api.this.root_resource_id },
    { for path, resource in aws_api_gateway_resource.level_1 : path => resource.id },
    { for path, resource in aws_api_gateway_resource.level_2 : path => resource.id },
    { for path, resource in aws_api_gateway_resource.level_3 : path => resource.id },
    { for path, resource in aws_api_gateway_resource.level_4 : path => resource.id },
    { for path, resource in aws_api_gateway_resource.level_5 : path => resource.id },
  )
}

resource "aws_api_gateway_resource" "level_1" {
  for_each = { for path, node in local.nodes : path => node if node.depth == 1 }

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "level_2" {
  for_each = { for path, node in local.nodes : path => node if node.depth == 2 }

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.level_1[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "level_3" {
  for_each = { for path, node in local.nodes : path => node if node.depth == 3 }

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.level_2[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "level_4" {
  for_each = { for path, node in local.nodes : path => node if node.depth == 4 }

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.level_3[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "level_5" {
  for_each = { for path, node in local.nodes : path => node if node.depth == 5 }

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.level_4[each.value.parent].id
  path_part   = each.value.part
}
