output "instance_ids" {
  description = "By the host's name."
  value       = { for name, instance in aws_instance.this : name => instance.id }
}

output "instance_arns" {
  description = "By the host's name."
  value       = { for name, instance in aws_instance.this : name => instance.arn }
}

output "secret_names" {
  description = "By the host's name: where its certificate and key are uploaded to."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.name }
}

output "public_ips" {
  description = "By the host's name: for SSH, where admin_cidr allows it."
  value       = { for name, instance in aws_instance.this : name => instance.public_ip }
}

output "user_data" {
  description = "By the host's name, as cloud-init gets it. There is no secret in it."
  value       = local.user_data
}
