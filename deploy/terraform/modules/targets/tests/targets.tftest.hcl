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
  hosts = {
    a = { address = "10.42.0.10", ports = { echo = 8080, api = 8081 } }
    b = { address = "10.42.0.11", ports = { echo-dom = 8080 } }
  }
}

run "each_target_starts_its_services" {
  command = plan

  assert {
    condition     = strcontains(output.user_data["a"], "drumline-target@api.service") && strcontains(output.user_data["a"], "drumline-target@echo.service") && !strcontains(output.user_data["a"], "echo-dom")
    error_message = "Host a does not start its services, or another's."
  }
  assert {
    condition     = strcontains(output.user_data["b"], "DRUMLINE_ARGS=--host=10.42.0.11 --port=8080")
    error_message = "The service does not listen where the environment file says."
  }
  assert {
    condition     = !strcontains(output.user_data["a"], "secretsmanager")
    error_message = "A target needs no key and is to get none."
  }
}

run "no_service_that_there_is_not" {
  command = plan
  variables {
    hosts = { a = { address = "10.42.0.10", ports = { ecco = 8080 } } }
  }
  expect_failures = [var.hosts]
}
