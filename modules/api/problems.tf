# What the contract holds that the gateway cannot express. An empty list, or the plan fails (main.tf).
locals {
  max_depth = 5

  # draft-04 has none of these and CreateModel refuses them.
  foreign_keywords = ["discriminator", "example", "examples", "externalDocs", "nullable", "xml"]

  references    = distinct([for match in regexall("\"\\$ref\":\"([^\"]*)\"", jsonencode(local.contract)) : match[0]])
  operation_ids = [for operation in local.operations : operation.id if operation.id != ""]
  variable_segments = {
    for prefix, node in local.nodes : node.parent => node.part... if startswith(node.part, "{")
  }

  contract_problems = concat(
    [
      for path, item in local.contract.paths : "path ${path} is nested deeper than ${local.max_depth} levels"
      if length(compact(split("/", path))) > local.max_depth
    ],
    [
      for path, item in local.contract.paths : "path ${path} has a segment that is neither {name} nor letters, digits and ._:-"
      if !can(regex("^(/|(/(\\{[A-Za-z0-9._-]+\\}|[A-Za-z0-9._:-]+))+)$", path))
    ],
    [
      for parent, parts in local.variable_segments : "path ${parent}/ is followed by more than one variable: ${join(", ", parts)}"
      if length(parts) > 1
    ],
    flatten([
      for path, item in local.contract.paths : [
        for field, value in item : "path ${path} has \"${field}\", which is no method of API Gateway"
        if !contains(concat(local.verbs, ["description", "parameters", "servers", "summary"]), field) && !startswith(field, "x-")
      ]
    ]),
    [for key, operation in local.operations : "${key} has no operationId" if operation.id == ""],
    [
      for id in distinct(local.operation_ids) : "operationId ${id} stands more than once"
      if length([for other in local.operation_ids : other if other == id]) > 1
    ],
    [
      for reference in local.references : "reference ${reference} leads nowhere"
      if !can(local.components[split("/", reference)[2]][split("/", reference)[3]]) || !startswith(reference, "#/components/")
    ],
    [for name, schema in local.schemas : "schema ${name} has a name that is not letters and digits" if !can(regex("^[A-Za-z0-9]+$", name))],
    flatten([
      for key, parameters in local.parameters : [
        for parameter in parameters : "${key} takes ${try(parameter.name, "a parameter")} in ${parameter.in}, which API Gateway does not read"
        if !can(local.parameter_locations[parameter.in]) && can(parameter.in)
      ]
    ]),
    flatten([
      for key, models in local.request_models : [
        for media_type, name in models : "${key} has a ${media_type} body whose schema is no reference to components.schemas"
        if name == null
      ]
    ]),
    flatten([
      for name, text in local.models : [
        for keyword in local.foreign_keywords : "schema ${name} (or one it refers to) has the keyword ${keyword}, which JSON Schema draft-04 lacks"
        if strcontains(text, "\"${keyword}\":")
      ]
    ]),
  )
}
