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
  address            = "10.42.0.5"
  environment_yaml   = "name: lab\nhosts: {}\n"
}

run "scenarios_there_find_the_environment" {
  command = plan

  assert {
    condition = [
      for file in yamldecode(output.user_data["controller"]).write_files : file.content
      if file.path == "/etc/drumline/scenarios/environments/lab.yaml"
    ] == ["name: lab\nhosts: {}\n"]
    error_message = "The environment file is not beside the scenarios, or not as it was."
  }
  assert {
    condition     = strcontains(output.user_data["controller"], "DRUMLINE_ARGS=--metrics=10.42.0.5:9464")
    error_message = "The controller shows nobody how a campaign goes on."
  }
}
