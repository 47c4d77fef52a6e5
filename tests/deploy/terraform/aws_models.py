"""What AWS's own models say of values: enumerations, patterns, lengths, bounds, operations.

They are read out of the wheel of botocore, AWS's client for Python, which is generated from them.
Only data is taken from it; none of its code runs.
"""

import functools
import gzip
import json
import re
import zipfile

# What the patterns have that Python's expressions do not; enough for the Latin alphabet.
CLASSES = {r"\p{L}": "A-Za-z", r"\p{Alpha}": "A-Za-z", r"\p{Z}": " ", r"\p{N}": "0-9", "(?i)": ""}


class AwsModels:

    def __init__(self, wheel):
        self.archive = zipfile.ZipFile(wheel)

    def close(self):
        self.archive.close()

    def has_service(self, service):
        return bool(self.versions(service))

    def versions(self, service):
        directory = f"botocore/data/{service}/"
        return sorted(name for name in self.archive.namelist()
                      if name.startswith(directory) and name.endswith("/service-2.json.gz"))

    @functools.cache
    def model(self, service):
        """The newest version of it."""
        return json.loads(gzip.decompress(self.archive.read(self.versions(service)[-1])))

    def operation(self, service, name):
        """The members of the operation's input, or None where there is no such operation. Its first
        letter may be small, as the scheduler has it."""
        if not self.has_service(service):
            return None
        model = self.model(service)
        operation = model["operations"].get(name[:1].upper() + name[1:])
        if operation is None:
            return None
        return set(model["shapes"][operation["input"]["shape"]]["members"])

    def objection(self, service, shape, value):
        """What is wrong with the value, or None. KeyError where there is no such shape."""
        rules = self.model(service)["shapes"][shape]
        if rules["type"] != "string":
            number = float(value)
            if not rules.get("min", number) <= number <= rules.get("max", number):
                return f"{value} is not within {rules.get('min')} to {rules.get('max')}"
            return None
        if "enum" in rules and value not in rules["enum"]:
            return f"{value!r} is not among the {len(rules['enum'])} values of {service} {shape}"
        if not rules.get("min", 0) <= len(value) <= rules.get("max", len(value)):
            return f"{value!r} has {len(value)} characters: {service} {shape} takes others"
        if "pattern" in rules and not re.fullmatch(python_pattern(rules["pattern"]), value):
            return f"{value!r} is not of the form {rules['pattern']} of {service} {shape}"
        return None


def python_pattern(pattern):
    for theirs, ours in CLASSES.items():
        pattern = pattern.replace(theirs, ours)
    return pattern
