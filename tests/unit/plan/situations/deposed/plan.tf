# A replacement whose old object could not be destroyed leaves two objects of one address in the state.
resource "terraform_data" "this" {
  input = "current"
}
