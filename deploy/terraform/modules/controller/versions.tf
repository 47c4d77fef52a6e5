terraform {
  required_version = ">= 1.7"

  required_providers {
    # For the module host; tests by a mock need it named here too.
    # tflint-ignore: terraform_unused_required_providers
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0, < 7.0"
    }
  }
}
