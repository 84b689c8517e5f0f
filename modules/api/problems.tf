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
}
