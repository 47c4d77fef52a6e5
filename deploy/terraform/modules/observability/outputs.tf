output "instance_arns" {
  description = "By the host's name."
  value       = module.hosts.instance_arns
}

output "instance_ids" {
  description = "By the host's name."
  value       = module.hosts.instance_ids
}

output "public_ips" {
  description = "By the host's name."
  value       = module.hosts.public_ips
}

output "user_data" {
  description = "By the host's name, as cloud-init gets it."
  value       = module.hosts.user_data
}
