mock_provider "aws" {}

variables {
  name              = "lab"
  owner             = "somebody@example.org"
  availability_zone = "us-east-1a"
  package_uri       = "s3://bucket/drumline"
  budget            = 60
  budget_email      = "somebody@example.org"
  targets = {
    target-a = { instance_type = "c7g.4xlarge", ports = { echo = 8080 } }
    target-b = { instance_type = "c7i.4xlarge", ports = { echo-dom = 8081 } }
  }
}

run "four_generators_apart_from_the_targets" {
  command = apply

  assert {
    condition     = length([for host in yamldecode(output.environment_yaml).hosts : host if host.role == "generator"]) == 4
    error_message = "A fleet has four generators unless told otherwise."
  }
  assert {
    condition     = length(distinct([for host in yamldecode(output.environment_yaml).hosts : host.address])) == 8
    error_message = "Hosts share an address: 2 targets, 4 generators, a controller, an observer."
  }
  assert {
    condition     = strcontains(output.user_data["generator-1"], "--allow=10.42.0.10:8080,10.42.0.11:8081")
    error_message = "Generators may not reach exactly the targets."
  }
}

run "its_price_is_that_of_its_hosts" {
  command = apply

  assert {
    # 0.58 + 0.714 + 4 × 0.29 + 0.145 + 0.0725
    condition     = abs(output.price_per_hour - 2.6715) < 0.00001
    error_message = "The price for an hour is ${output.price_per_hour}."
  }
}

run "what_was_forgotten_ends" {
  command = apply

  assert {
    condition     = length(jsondecode(aws_scheduler_schedule.reaper.target[0].input).InstanceIds) == 8
    error_message = "Not every host is terminated when its time is over."
  }
  assert {
    condition     = aws_scheduler_schedule.reaper.schedule_expression == "at(${formatdate("YYYY-MM-DD'T'hh:mm:ss", timeadd(terraform_data.born.output, "12h"))})"
    error_message = "The hosts are terminated at ${aws_scheduler_schedule.reaper.schedule_expression}."
  }
  assert {
    condition     = aws_budgets_budget.this[0].limit_amount == "60"
    error_message = "Nobody is told of the cost."
  }
}

run "too_dear_is_refused" {
  command = plan
  variables {
    # 168 h at 2.67 USD/h
    max_lifetime_hours = 168
  }
  expect_failures = [terraform_data.cost_bound]
}

run "too_many_generators_are_refused" {
  command = plan
  variables {
    generator_count = 400
  }
  expect_failures = [var.generator_count]
}

run "a_machine_without_a_price_is_refused" {
  command = plan
  variables {
    generator_type = "c7g.16xlarge"
  }
  expect_failures = [var.generator_type]
}

run "nobody_to_ask_is_refused" {
  command = plan
  variables {
    owner = " "
  }
  expect_failures = [var.owner]
}
