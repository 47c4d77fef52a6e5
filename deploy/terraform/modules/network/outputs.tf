output "vpc_id" {
  description = "The network."
  value       = aws_vpc.this.id
}

output "subnet_id" {
  description = "Its one subnet."
  value       = aws_subnet.this.id
}

output "placement_group" {
  description = "The name of the placement group; null without one."
  value       = one(aws_placement_group.this[*].name)
}

output "security_group_ids" {
  description = "By role: target, generator, controller, observer."
  value       = { for role, group in aws_security_group.this : role => group.id }
}
