mock_provider "aws" {}

variables {
  owner       = "somebody@example.org"
  package_uri = "s3://bucket/drumline"
}

run "can_be_made_as_it_stands" {
  command = apply

  assert {
    condition     = output.price_per_hour * var.max_lifetime_hours <= var.budget
    error_message = "The example costs more than its own budget."
  }
  assert {
    condition     = !strcontains(join("", values(output.user_data)), "PRIVATE KEY")
    error_message = "There is a key in user data."
  }
}
