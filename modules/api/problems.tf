# What the contract holds that the gateway cannot express. An empty list, or the plan fails (main.tf).
locals {
  max_depth = 5

  operation_ids = [for operation in local.operations : operation.id if operation.id != ""]
  variable_segments = {
    for prefix, node in local.nodes : node.parent => node.part... if startswith(node.part, "{")
  }

  contract_problems = concat(
    [
      for path in keys(local.paths) : "path ${path} is nested deeper than ${local.max_depth} levels"
      if length(compact(split("/", path))) > local.max_depth
    ],
    [
      for path in keys(local.paths) : "path ${path} has a segment that is neither {name} nor letters, digits and ._:-"
      if !can(regex("^(/|(/(\\{[A-Za-z0-9._-]+\\}|[A-Za-z0-9._:-]+))+)$", path))
    ],
    [
      for parent, parts in local.variable_segments : "path ${parent}/ is followed by more than one variable: ${join(", ", parts)}"
      if length(parts) > 1
    ],
    flatten([
      for path, fields in local.paths : [
        for field in fields : "path ${path} has \"${field}\", which is no method of API Gateway"
        if !contains(concat(local.verbs, ["description", "parameters", "servers", "summary"]), field) && !startswith(field, "x-")
      ]
    ]),
    [
      for key, claimed in local.claims : "${key} is claimed by ${join(" and ", [for one in claimed : one.service])}"
      if length(claimed) > 1
    ],
    [for key, operation in local.operations : "${key} has no operationId" if operation.id == ""],
    [
      for id in distinct(local.operation_ids) : "operationId ${id} stands more than once"
      if length([for other in local.operation_ids : other if other == id]) > 1
    ],
    flatten([
      for key, parameters in local.parameters : [
        for parameter in parameters : "${key} has the reference ${parameter["$ref"]}, which leads to no parameter of components"
        if can(parameter["$ref"])
      ]
    ]),
    flatten([
      for key, parameters in local.parameters : [
        for parameter in parameters : "${key} takes ${try(parameter.name, "a parameter")} in ${parameter.in}, which API Gateway does not read"
        if !can(local.parameter_locations[parameter.in]) && can(parameter.in)
      ]
    ]),
    flatten([
      for key, parameters in local.parameters : [
        # API Gateway's own rule, and what keeps the document valid in which it names a missing one (responses.tf).
        for parameter in parameters : "${key} has a parameter called \"${try(parameter.name, "")}\", which is not made of letters, digits and :._$-"
        if can(local.parameter_locations[parameter.in]) && !can(regex("^[A-Za-z0-9:._$-]+$", parameter.name))
      ]
    ]),
  )

  # Why the rate cannot be shared out (throttles.tf).
  share_problems = concat(
    [
      for stated in [{ for service, given in var.services : service => given.share if given.share != null }] :
      "the services' shares are ${jsonencode(stated)}: give each of ${join(", ", keys(var.services))} one, 100 percent together, or none"
      if length(stated) > 0 && (length(stated) < length(var.services) || abs(sum(concat([0], values(stated))) - 100) > 0.000001)
    ],
    flatten([
      for service, given in var.services : [
        for key in setsubtract(keys(given.mix), keys(local.operations_of[service])) : "the mix of ${service} names ${key}, which its contract does not"
      ]
    ]),
    flatten([
      for service, given in var.services : [
        for key in setsubtract(keys(local.operations_of[service]), keys(given.mix)) : "the mix of ${service} gives ${key} nothing"
      ] if length(given.mix) > 0
    ]),
    [
      for service, given in var.services : "the mix of ${service} adds up to ${sum(concat([0], values(given.mix)))} percent, not to 100"
      if length(given.mix) > 0 && abs(sum(concat([0], values(given.mix))) - 100) > 0.000001
    ],
    [
      for key, limit in merge(local.method_limits, { "each preflight" = local.rest }) :
      "${key} gets ${limit.rate} requests a second, less than 1: raise throttle.rate_limit (${var.throttle.rate_limit}) or its share" if limit.rate < 1
    ],
  )
}
