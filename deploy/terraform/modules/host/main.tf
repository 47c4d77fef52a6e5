# Hosts of one role. The four roles are thin modules around this one, so that what every host has
# (no keys in user data, IMDSv2, an end to its life) stands in one place.

data "aws_ssm_parameter" "ami" {
  count = var.ami_id == null ? 1 : 0
  # Debian publishes its images there: the release that the packages are built for.
  name = "/aws/service/debian/release/12/latest/${var.architecture == "arm64" ? "arm64" : "amd64"}"
}

locals {
  ami_id = var.ami_id != null ? var.ami_id : nonsensitive(data.aws_ssm_parameter.ami[0].value)

  user_data = {
    for name, host in var.hosts : name => templatefile("${path.module}/first-boot.yaml.tftpl", {
      name             = name
      role             = var.role
      package_uri      = var.package_uri
      packages         = var.packages
      system_packages  = var.system_packages
      setup            = trimspace(var.setup)
      files            = merge(var.files, host.files)
      sysctl           = var.sysctl
      secret_id        = var.secrets ? "${var.fleet}/${name}" : null
      units            = var.units
      lifetime_minutes = var.max_lifetime_hours * 60
      region           = var.region
      # The names that `controller certs init` gives them.
      credentials = ["ca.crt", "tls.crt", "tls.key"]
    })
  }
}

# Empty: deploy/terraform/upload-secrets fills them. A private key never enters the state.
resource "aws_secretsmanager_secret" "this" {
  for_each                = var.secrets ? var.hosts : {}
  name                    = "${var.fleet}/${each.key}"
  description             = "Certificate and key of ${each.key} in the Drumline fleet ${var.fleet}"
  recovery_window_in_days = 0
  tags                    = var.tags
}

resource "aws_iam_role" "this" {
  for_each = var.hosts
  name     = "${var.fleet}-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
  tags = var.tags
}

# Its own secret and the packages, and nothing else.
resource "aws_iam_role_policy" "this" {
  for_each = var.hosts
  name     = "fetch"
  role     = aws_iam_role.this[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = "arn:aws:s3:::${trimprefix(var.package_uri, "s3://")}/*"
      }],
      var.secrets ? [{
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = aws_secretsmanager_secret.this[each.key].arn
      }] : [],
    )
  })
}

resource "aws_iam_instance_profile" "this" {
  for_each = var.hosts
  name     = "${var.fleet}-${each.key}"
  role     = aws_iam_role.this[each.key].name
  tags     = var.tags
}

resource "aws_instance" "this" {
  for_each = var.hosts

  ami                    = local.ami_id
  instance_type          = var.instance_type
  subnet_id              = var.subnet_id
  private_ip             = each.value.address
  vpc_security_group_ids = [var.security_group_id]
  placement_group        = var.placement_group
  iam_instance_profile   = aws_iam_instance_profile.this[each.key].name
  key_name               = var.key_name
  # For packages and secrets on the way out; the security group lets nothing in.
  associate_public_ip_address = true

  user_data                   = local.user_data[each.key]
  user_data_replace_on_change = true

  # The host ends its own life when its time is over, and is then gone, not merely stopped.
  instance_initiated_shutdown_behavior = "terminate"

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type           = "gp3"
    volume_size           = var.disk_gib
    encrypted             = true
    delete_on_termination = true
    tags                  = var.tags
  }

  tags = merge(var.tags, { Name = "${var.fleet}-${each.key}", "drumline:role" = var.role })

  lifecycle {
    # A newer image must not replace hosts in the middle of a campaign.
    ignore_changes = [ami]
  }
}
