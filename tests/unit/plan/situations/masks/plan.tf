# Sensitive and unknown values beside each other, in every kind of collection.
variable "words" {
  description = "Secrets."
  type        = list(string)
  default     = ["hunter2", "hunter3"]
  sensitive   = true
}

resource "terraform_data" "source" {
  input = "x"
}

resource "terraform_data" "list" {
  input = concat(var.words, [terraform_data.source.id])
}

resource "terraform_data" "tuple" {
  input = [sensitive("hunter2"), terraform_data.source.id, "plain"]
}

resource "terraform_data" "object" {
  input = { secret = sensitive("hunter2"), later = terraform_data.source.id, plain = "plain", empty = null }
}

resource "terraform_data" "map" {
  input = tomap({ secret = sensitive("hunter2"), later = terraform_data.source.id, plain = "plain" })
}

resource "terraform_data" "set" {
  input = toset([terraform_data.source.id, "plain"])
}

resource "terraform_data" "secret_set" {
  input = toset([sensitive("hunter2"), "plain", terraform_data.source.id])
}

resource "terraform_data" "nested" {
  input = [{
    inner = [
      sensitive({ secret = "hunter2", later = terraform_data.source.id }),
      { secret = sensitive("hunter2"), later = terraform_data.source.id, plain = "plain" },
    ]
    plain = "plain"
  }]
}

resource "terraform_data" "later_secret" {
  input = { both = sensitive(terraform_data.source.id), plain = "plain" }
}
