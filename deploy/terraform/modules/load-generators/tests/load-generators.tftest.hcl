mock_provider "aws" {}

variables {
  fleet              = "lab"
  instance_type      = "c7g.2xlarge"
  architecture       = "arm64"
  ami_id             = "ami-1"
  region             = "us-east-1"
  subnet_id          = "subnet-1"
  security_group_id  = "sg-1"
  package_uri        = "s3://bucket/drumline"
  sysctl             = "net.core.somaxconn = 65535\n"
  max_lifetime_hours = 2
  hosts              = { generator-1 = { address = "10.42.0.101" } }
  controller         = "10.42.0.5:7070"
  allow              = ["10.42.0.10:8080", "10.42.0.11:8080"]
}

run "an_agent_knows_its_controller_and_its_targets" {
  command = plan

  assert {
    condition     = strcontains(output.user_data["generator-1"], "DRUMLINE_CONTROLLER=10.42.0.5:7070") && strcontains(output.user_data["generator-1"], "--id=generator-1 --allow=10.42.0.10:8080,10.42.0.11:8080")
    error_message = "The agent does not dial the controller, or may send load elsewhere."
  }
}

run "an_agent_without_targets_is_refused" {
  command = plan
  variables {
    allow = []
  }
  expect_failures = [var.allow]
}

run "a_fleet_has_generators" {
  command = plan
  variables {
    hosts = {}
  }
  expect_failures = [var.hosts]
}
