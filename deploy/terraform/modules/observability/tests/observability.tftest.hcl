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
  address            = "10.42.0.6"
  scrape             = ["10.42.0.10:8080"]
  controller         = "10.42.0.5:9464"
}

run "prometheus_scrapes_the_targets" {
  command = plan

  assert {
    condition = [
      for file in yamldecode(output.user_data["observer"]).write_files :
      yamldecode(file.content).scrape_configs[0].static_configs[0].targets
      if file.path == "/etc/drumline/prometheus.yml"
    ] == [["10.42.0.10:8080"]]
    error_message = "Prometheus scrapes something else."
  }
  assert {
    condition = [
      for file in yamldecode(output.user_data["observer"]).write_files :
      yamldecode(file.content).scrape_configs[1].static_configs[0].targets
      if file.path == "/etc/drumline/prometheus.yml"
    ] == [["10.42.0.5:9464"]]
    error_message = "Prometheus does not watch the campaign, which is what the dashboards show."
  }
  assert {
    condition     = !strcontains(output.user_data["observer"], "grafana")
    error_message = "Grafana is installed although no package of it was named."
  }
}

run "grafana_where_its_package_is_named" {
  command = plan
  variables {
    grafana_deb_url = "https://example.org/grafana.deb"
  }
  assert {
    condition     = strcontains(output.user_data["observer"], "'https://example.org/grafana.deb'") && strcontains(output.user_data["observer"], "systemctl enable 'grafana-server.service'")
    error_message = "Grafana is not installed."
  }
  assert {
    condition     = strcontains(output.user_data["observer"], "'s3://bucket/drumline/drumline.json'")
    error_message = "Grafana has no dashboard."
  }
}

run "not_by_http" {
  command = plan
  variables {
    grafana_deb_url = "http://example.org/grafana.deb"
  }
  expect_failures = [var.grafana_deb_url]
}
