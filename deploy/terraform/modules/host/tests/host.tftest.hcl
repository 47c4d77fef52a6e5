mock_provider "aws" {}

variables {
  fleet              = "lab"
  role               = "generator"
  hosts              = { g1 = { address = "10.42.0.101", files = { "/etc/drumline/x" = "a\nb\n" } }, g2 = { address = "10.42.0.102" } }
  instance_type      = "c7g.2xlarge"
  architecture       = "arm64"
  region             = "us-east-1"
  subnet_id          = "subnet-1"
  security_group_id  = "sg-1"
  placement_group    = "lab"
  package_uri        = "s3://bucket/drumline"
  packages           = ["drumline-agent"]
  sysctl             = "net.core.somaxconn = 65535\n"
  units              = ["drumline-agent.service"]
  max_lifetime_hours = 2
}

run "hosts_are_closed_and_mortal" {
  command = plan

  assert {
    condition     = alltrue([for host in aws_instance.this : host.metadata_options[0].http_tokens == "required" && host.metadata_options[0].http_put_response_hop_limit == 1])
    error_message = "IMDSv2 is not demanded."
  }
  assert {
    condition     = alltrue([for host in aws_instance.this : host.instance_initiated_shutdown_behavior == "terminate"])
    error_message = "A host that shuts itself down is to be gone."
  }
  assert {
    condition     = alltrue([for host in aws_instance.this : host.placement_group == "lab" && length(host.instance_market_options) == 0])
    error_message = "Measured hosts are on demand, in the placement group."
  }
  assert {
    condition     = alltrue([for host in aws_instance.this : host.root_block_device[0].encrypted])
    error_message = "The disk is not encrypted."
  }
  assert {
    condition     = aws_instance.this["g2"].private_ip == "10.42.0.102"
    error_message = "The address is not the one of the environment file."
  }
}

run "user_data_has_what_the_host_needs_and_no_secret" {
  command = plan

  assert {
    condition     = yamldecode(output.user_data["g1"]).write_files[2].content == "a\nb\n"
    error_message = "The host's own file did not arrive."
  }
  assert {
    condition     = strcontains(output.user_data["g1"], "shutdown -P '+120'")
    error_message = "The host does not end after two hours."
  }
  assert {
    condition     = strcontains(output.user_data["g1"], "--secret-id 'lab/g1'") && !strcontains(output.user_data["g1"], "lab/g2") && !strcontains(output.user_data["g1"], "PRIVATE KEY")
    error_message = "A host fetches its own secret, and user data holds none."
  }
}

run "a_host_reads_its_own_secret_alone" {
  command = apply

  assert {
    condition     = jsondecode(aws_iam_role_policy.this["g1"].policy).Statement[1].Resource == aws_secretsmanager_secret.this["g1"].arn
    error_message = "The role reads more than its own secret."
  }
  assert {
    condition     = aws_iam_instance_profile.this["g1"].role == aws_iam_role.this["g1"].name && aws_iam_role.this["g1"].name != aws_iam_role.this["g2"].name
    error_message = "Hosts share a role."
  }
}

run "no_secret_where_none_is_needed" {
  command = plan
  variables {
    secrets = false
  }
  assert {
    condition     = length(aws_secretsmanager_secret.this) == 0 && !strcontains(output.user_data["g1"], "secretsmanager") && length(jsondecode(aws_iam_role_policy.this["g1"].policy).Statement) == 1
    error_message = "There is a secret, or a way to one."
  }
}

run "no_burstable_types" {
  command = plan
  variables {
    instance_type = "t4g.large"
  }
  expect_failures = [var.instance_type]
}

run "no_endless_life" {
  command = plan
  variables {
    max_lifetime_hours = 1000
  }
  expect_failures = [var.max_lifetime_hours]
}

run "no_other_role" {
  command = plan
  variables {
    role = "database"
  }
  expect_failures = [var.role]
}
