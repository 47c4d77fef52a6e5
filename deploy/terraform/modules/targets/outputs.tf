output "instance_arns" {
  description = "By the host's name."
  value       = merge([for host in module.hosts : host.instance_arns]...)
}

output "instance_ids" {
  description = "By the host's name."
  value       = merge([for host in module.hosts : host.instance_ids]...)
}

output "public_ips" {
  description = "By the host's name."
  value       = merge([for host in module.hosts : host.public_ips]...)
}

output "user_data" {
  description = "By the host's name, as cloud-init gets it."
  value       = merge([for host in module.hosts : host.user_data]...)
}
