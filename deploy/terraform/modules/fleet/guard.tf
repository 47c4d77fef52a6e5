# What keeps a fleet that was forgotten from costing for ever. Each host also shuts itself down; this
# is for the one that cannot.

resource "aws_iam_role" "reaper" {
  name = "${var.name}-reaper"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
    }]
  })
  tags = local.tags
}

locals {
  instance_ids = merge(concat(
    [for targets in module.targets : targets.instance_ids],
    [module.load_generators.instance_ids, module.controller.instance_ids],
    [for observer in module.observability : observer.instance_ids],
  )...)
  instance_arns = merge(concat(
    [for targets in module.targets : targets.instance_arns],
    [module.load_generators.instance_arns, module.controller.instance_arns],
    [for observer in module.observability : observer.instance_arns],
  )...)
}

resource "aws_iam_role_policy" "reaper" {
  name = "terminate"
  role = aws_iam_role.reaper.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "ec2:TerminateInstances"
      Resource = values(local.instance_arns)
    }]
  })
}

resource "aws_scheduler_schedule" "reaper" {
  name        = "${var.name}-reaper"
  description = "Ends the hosts of ${var.name} when their time is over"
  # at(yyyy-mm-ddThh:mm:ss), in UTC
  schedule_expression          = "at(${formatdate("YYYY-MM-DD'T'hh:mm:ss", local.expires)})"
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:ec2:terminateInstances"
    role_arn = aws_iam_role.reaper.arn
    input    = jsonencode({ InstanceIds = values(local.instance_ids) })
  }
}

resource "aws_budgets_budget" "this" {
  count        = var.budget_email == null ? 0 : 1
  name         = var.name
  budget_type  = "COST"
  limit_amount = tostring(var.budget)
  limit_unit   = var.currency
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:drumline:fleet$%s", var.name)]
  }

  notification {
    comparison_operator        = "GREATER_THAN"
    notification_type          = "ACTUAL"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = [var.budget_email]
  }
}

# Held before anything is made: refuses what would cost more than was said.
resource "terraform_data" "cost_bound" {
  input = local.price_per_hour * var.max_lifetime_hours

  lifecycle {
    precondition {
      condition     = local.price_per_hour * var.max_lifetime_hours <= var.budget
      error_message = "For ${var.max_lifetime_hours} h the fleet would cost ${local.price_per_hour * var.max_lifetime_hours} ${var.currency}, more than the budget of ${var.budget}: lower max_lifetime_hours or the fleet, or raise the budget."
    }
  }
}
