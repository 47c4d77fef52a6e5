"""The values that each example would send to AWS, held against AWS's own models (aws_models.py).

The schema of the provider knows names and types; that there is no c7g.5xlarge, no strategy
"clustered" and no action s3:GetObjekt only AWS knows. What the models do not say: which type a zone
offers, which values go together, quotas, permissions.
"""

import json
import os
import re
import shutil
import unittest

import aws_models
import terraform_case

EXAMPLES = sorted(p.name for p in (terraform_case.TREE / "deploy/terraform/examples").iterdir())
# What is made only where somebody asks for it.
ASKED = ["-var", "budget_email=somebody@example.org", "-var", "admin_cidr=198.51.100.7/32"]

# Attribute (blocks by dots, the keys and values of maps by {}): the service and the shape of its
# API that the provider gives it to.
SHAPES = {
    "aws_budgets_budget": {
        "budget_type": ("budgets", "BudgetType"),
        "limit_amount": ("budgets", "NumericValue"),
        "limit_unit": ("budgets", "UnitValue"),
        "name": ("budgets", "BudgetName"),
        "notification.comparison_operator": ("budgets", "ComparisonOperator"),
        "notification.notification_type": ("budgets", "NotificationType"),
        "notification.threshold": ("budgets", "NotificationThreshold"),
        "notification.threshold_type": ("budgets", "ThresholdType"),
        "time_unit": ("budgets", "TimeUnit"),
    },
    "aws_iam_instance_profile": {"name": ("iam", "instanceProfileNameType")},
    "aws_iam_role": {
        "assume_role_policy": ("iam", "policyDocumentType"),
        "name": ("iam", "roleNameType"),
        "tags{key}": ("iam", "tagKeyType"),
        "tags{value}": ("iam", "tagValueType"),
    },
    "aws_iam_role_policy": {
        "name": ("iam", "policyNameType"),
        "policy": ("iam", "policyDocumentType"),
    },
    "aws_instance": {
        "instance_initiated_shutdown_behavior": ("ec2", "ShutdownBehavior"),
        "instance_type": ("ec2", "InstanceType"),
        "metadata_options.http_endpoint": ("ec2", "InstanceMetadataEndpointState"),
        "metadata_options.http_tokens": ("ec2", "HttpTokensState"),
        "root_block_device.volume_type": ("ec2", "VolumeType"),
    },
    "aws_placement_group": {"strategy": ("ec2", "PlacementStrategy")},
    "aws_scheduler_schedule": {
        "description": ("scheduler", "Description"),
        "flexible_time_window.mode": ("scheduler", "FlexibleTimeWindowMode"),
        "name": ("scheduler", "Name"),
        "schedule_expression": ("scheduler", "ScheduleExpression"),
        "schedule_expression_timezone": ("scheduler", "ScheduleExpressionTimezone"),
        "target.arn": ("scheduler", "TargetArn"),
    },
    "aws_secretsmanager_secret": {
        "description": ("secretsmanager", "DescriptionType"),
        "name": ("secretsmanager", "NameType"),
        "tags{key}": ("secretsmanager", "TagKeyType"),
        "tags{value}": ("secretsmanager", "TagValueType"),
    },
}

# Each is one replacement in some files, and what is said of it.
MISTAKES = {
    "a type that there is not": (
        ["modules/fleet/variables.tf", "examples/aws-c7g/main.tf"], "c7g.2xlarge", "c7g.5xlarge",
        "'c7g.5xlarge' is not among"),
    "a kind of disk that there is not": (
        ["modules/host/main.tf"], '"gp3"', '"gp9"', "'gp9' is not among"),
    "a third way with the metadata service": (
        ["modules/host/main.tf"], '"required"', '"demanded"', "'demanded' is not among"),
    "a strategy that there is not": (
        ["modules/network/main.tf"], '"cluster"', '"clustered"', "'clustered' is not among"),
    "a month by another name": (
        ["modules/fleet/guard.tf"], '"MONTHLY"', '"MONTH"', "'MONTH' is not among"),
    "a time window that there is not": (
        ["modules/fleet/guard.tf"], '"OFF"', '"NONE"', "'NONE' is not among"),
    "a name with a blank": (
        ["modules/host/main.tf"], '"fetch"', '"fetch it"', "'fetch it' is not of the form"),
    "an action that there is not": (
        ["modules/host/main.tf"], "s3:GetObject", "s3:GetObjekt", "no action 's3:GetObjekt'"),
    "an assumption by nobody": (
        ["modules/fleet/guard.tf"], "scheduler.amazonaws.com", "reaper.amazonaws.com",
        "no service 'reaper.amazonaws.com'"),
    "a call with a parameter that it has not": (
        ["modules/fleet/guard.tf"], "{ InstanceIds =", "{ Instances =", "takes no Instances"),
    "a policy of next year": (
        ["modules/host/main.tf"], '"2012-10-17"', '"2027-10-17"', "no version of a policy"),
}


def resources_of(module):
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from resources_of(child)


def values_at(value, path):
    """All values at the path, through lists of blocks."""
    if isinstance(value, list):
        for item in value:
            yield from values_at(item, path)
    elif path == "":
        if value is not None:
            yield value
    else:
        name, _, rest = path.partition(".")
        if name.endswith(("{key}", "{value}")):
            entries = (value.get(name.partition("{")[0]) or {})
            yield from entries if name.endswith("{key}") else entries.values()
        else:
            yield from values_at(value.get(name), rest) if value else ()


def policy_objections(models, text, trust, arns):
    """Of a policy document; `trust`: of who may take on a role, `arns`: of what there is."""
    policy = json.loads(text)
    if policy.get("Version") != "2012-10-17":
        yield f"{policy.get('Version')!r} is no version of a policy"
    for statement in policy["Statement"]:
        wanted = {"Effect", "Action", "Principal" if trust else "Resource"}
        if set(statement) - {"Sid", "Condition"} != wanted:
            yield f"a statement has {sorted(statement)}, not {sorted(wanted)}"
        if statement.get("Effect") not in ("Allow", "Deny"):
            yield f"{statement.get('Effect')!r} is no effect"
        for action in as_list(statement.get("Action", [])):
            service, _, operation = action.partition(":")
            if operation[:1].islower() or models.operation(service, operation) is None:
                yield f"there is no action {action!r}"
        for resource in as_list(statement.get("Resource", [])):
            if resource not in arns and not re.fullmatch(r"arn:aws:\w+:[^:]*:\d*:\S+", resource):
                yield f"{resource!r} is no ARN"
        for name in as_list(statement.get("Principal", {}).get("Service", [])):
            if not (name.endswith(".amazonaws.com") and models.has_service(name.split(".")[0])):
                yield f"there is no service {name!r}"


def schedule_objections(models, target):
    """Of a call that the scheduler makes: arn:aws:scheduler:::aws-sdk:SERVICE:OPERATION."""
    call = target["arn"].removeprefix("arn:aws:scheduler:::aws-sdk:")
    service, _, operation = call.partition(":")
    members = models.operation(service, operation)
    if members is None or not operation[:1].islower():
        yield f"there is no operation {call!r}"
        return
    for name in json.loads(target["input"]):
        if name not in members:
            yield f"{call} takes no {name}"


def as_list(value):
    return value if isinstance(value, list) else [value]


class AwsValuesTest(terraform_case.TerraformCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = aws_models.AwsModels(os.environ["AWS_MODELS"])
        cls.addClassCleanup(cls.models.close)

    def objections(self, state):
        """(what is wrong, by address; the attributes that were looked at)"""
        found, seen = [], set()
        resources = list(resources_of(state["root_module"]))
        arns = {resource["values"].get("arn") for resource in resources}
        for resource in resources:
            kind, values = resource["type"], resource["values"]
            said = []
            for path, (service, shape) in SHAPES.get(kind, {}).items():
                for value in values_at(values, path):
                    seen.add((kind, path))
                    said.append(self.models.objection(service, shape, value))
            if kind == "aws_iam_role":
                said += policy_objections(self.models, values["assume_role_policy"], True, arns)
            if kind == "aws_iam_role_policy":
                said += policy_objections(self.models, values["policy"], False, arns)
            if kind == "aws_scheduler_schedule":
                said += schedule_objections(self.models, values["target"][0])
            found += [f"{resource['address']}: {what}" for what in said if what]
        return found, seen

    def test_each_example(self):
        everywhere = set()
        for name in EXAMPLES:
            with self.subTest(name):
                directory = self.root / "examples" / name
                self.initialise(directory)
                found, seen = self.objections(self.state_of(directory, *ASKED))
                self.assertEqual(found, [])
                everywhere |= seen
        self.assertEqual(everywhere, {(kind, path) for kind in SHAPES for path in SHAPES[kind]},
                         "attributes that no example has any more, or SHAPES is wrong")

    def test_a_call_that_there_is_not(self):
        target = {"arn": "arn:aws:scheduler:::aws-sdk:ec2:endInstances", "input": "{}"}
        self.assertEqual(list(schedule_objections(self.models, target)),
                         ["there is no operation 'ec2:endInstances'"])

    def test_mistakes_are_found(self):
        tree = self.scratch / "mistaken"
        shutil.copytree(terraform_case.TREE / "deploy", tree)
        for mistake, (files, right, wrong, _) in MISTAKES.items():
            for file in files:
                path = tree / "terraform" / file
                text = path.read_text()
                self.assertIn(right, text, f"{mistake} can no longer be made: renew it")
                path.write_text(text.replace(right, wrong))
        directory = tree / "terraform/examples/aws-c7g"
        self.initialise(directory)
        found, _ = self.objections(self.state_of(directory, *ASKED))
        for mistake, (_, _, _, what) in MISTAKES.items():
            with self.subTest(mistake):
                self.assertTrue([line for line in found if what in line], found)
        for line in found:
            self.assertTrue([what for *_, what in MISTAKES.values() if what in line], line)


if __name__ == "__main__":
    unittest.main(verbosity=2)
