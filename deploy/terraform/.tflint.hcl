# Terraform's own rules, all of them, which tflint brings along. Its rules for AWS are a plugin that is
# had from GitHub alone; tests/deploy/terraform/aws_values_test.py stands in for them.
config {
  call_module_type = "none"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}
