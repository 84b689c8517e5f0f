# Instance keys that look like addresses, or that HCL has to quote.
locals {
  keys = toset(["x.y", "a[0]", "q\"uote", "ü\\back", "$${dollar}", "%%{percent}", "line\nfeed", "module.b[\"c\"]"])
}

module "child" {
  source   = "./child"
  for_each = local.keys

  input = "i"
}

module "chained" {
  source   = "./child"
  for_each = module.child

  input = each.value.id
}

resource "terraform_data" "keyed" {
  for_each = local.keys

  input = each.key
}

resource "terraform_data" "dotted" {
  input = { child = module.child["x.y"].id, keyed = terraform_data.keyed["x.y"].id }
}

resource "terraform_data" "bracketed" {
  input = { child = module.child["a[0]"].id, keyed = terraform_data.keyed["a[0]"].id }
}

resource "terraform_data" "quoted" {
  input = { child = module.child["q\"uote"].id, keyed = terraform_data.keyed["q\"uote"].id }
}

resource "terraform_data" "escaped" {
  input = { child = module.child["ü\\back"].id, keyed = terraform_data.keyed["ü\\back"].id }
}

resource "terraform_data" "dollar" {
  input = { child = module.child["$${dollar}"].id, keyed = terraform_data.keyed["$${dollar}"].id }
}

resource "terraform_data" "percent" {
  input = { child = module.child["%%{percent}"].id, keyed = terraform_data.keyed["%%{percent}"].id }
}

resource "terraform_data" "broken" {
  input = { child = module.child["line\nfeed"].id, keyed = terraform_data.keyed["line\nfeed"].id }
}

resource "terraform_data" "address" {
  input = { child = module.child["module.b[\"c\"]"].id, keyed = terraform_data.keyed["module.b[\"c\"]"].id }
}
