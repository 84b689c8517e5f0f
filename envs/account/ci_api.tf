# API Gateway names its things by generated ids, so they are told by their tags; what is below an API or a usage plan inherits
# theirs (Developer Guide, "API Gateway resources that can be tagged").
locals {
  own_api_paths = [for kind in ["apikeys", "restapis", "usageplans"] : "${local.arns.api}/${kind}/*"]

  ci_write_api = [
    {
      Sid       = "MakeApi"
      Effect    = "Allow"
      Resource  = [for kind in ["apikeys", "restapis", "usageplans"] : "${local.arns.api}/${kind}"]
      Action    = ["apigateway:POST"]
      Condition = { StringEquals = local.request_tags }
    },
    {
      Sid       = "WriteApi"
      Effect    = "Allow"
      Resource  = local.own_api_paths
      Action    = ["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"]
      Condition = { StringEquals = local.resource_tags }
    },
    # Tags decide who may touch a thing, so a thing of others must not get ours. Of one that is yet to be made API Gateway
    # asks for the tags of "*"; $${*} is that sign, where * alone would be every id.
    {
      Sid       = "TagNewApi"
      Effect    = "Allow"
      Resource  = [for kind in ["apikeys", "restapis", "restapis%2F*%2Fstages", "usageplans"] : "${local.arns.api}/tags/${urlencode("${local.arns.api}/")}${kind}%2F$${*}"]
      Action    = ["apigateway:PUT"]
      Condition = { StringEquals = local.request_tags }
    },
    {
      Sid       = "TagApi"
      Effect    = "Allow"
      Resource  = "${local.arns.api}/tags/*"
      Action    = ["apigateway:DELETE", "apigateway:PUT"]
      Condition = { StringEquals = local.resource_tags, StringEqualsIfExists = local.request_tags }
    },
  ]
}
