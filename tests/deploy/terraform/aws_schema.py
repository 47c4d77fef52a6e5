"""The schema of the real AWS provider, read out of the npm package @cdktf/provider-aws, which is
generated from it. The provider itself cannot be had from a package registry.

    python3 aws_schema.py PACKAGE.tgz aws_vpc data.aws_ssm_parameter … >schema.json

Of each resource: attributes with their type and whether they are required, optional or computed;
nested blocks with the same, to any depth. What the package does not say is not there either: least
and most numbers of blocks, conflicts between attributes, values of enumerations.

The names of attributes and the kinds of blocks come from synthesizeHclAttributes() and the
…ToHclTerraform() functions of lib/NAME/index.js, what a user must write from the interfaces of
lib/NAME/index.d.ts, and what is computed from the comments above the getters.
"""

import json
import re
import sys
import tarfile

SCALARS = {"string": "string", "boolean": "bool", "number": "number"}
COLLECTIONS = {
    "stringList": ["list", "string"], "numberList": ["list", "number"],
    "stringMap": ["map", "string"], "numberMap": ["map", "number"],
    "booleanMap": ["map", "bool"], "any": "dynamic", "anyMap": ["map", "dynamic"],
}
ATTRIBUTE = re.compile(
    r"^\s{8,12}(\w+): \{\s*value: (.*?),\s*isBlock: (true|false),\s*type: \"(\w+)\",\s*"
    r"storageClassType: \"(\w+)\",", re.M | re.S)
FUNCTION = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{(.*?)^\}", re.M | re.S)
OWN = re.compile(r"^    synthesizeHclAttributes\(\) \{(.*?)^    \}", re.M | re.S)
OWN_CLASS = re.compile(r"^class \w+ extends cdktf\.Terraform(Resource|DataSource|Provider) ", re.M)
GETTER = re.compile(
    r"^    // (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n"
    r"(.*?)(?=^    // \w+ - computed|\Z)", re.M | re.S)
INTERFACE = re.compile(r"^export interface (\w+).*?\{(.*?)^\}", re.M | re.S)
PROPERTY = re.compile(r"^    readonly (\w+)(\??):", re.M)


class Resource:
    """One resource or data source of the package."""

    def __init__(self, script, declarations):
        self.functions = {name.lower(): body for name, body in FUNCTION.findall(script)}
        self.required = {
            name.lower(): {prop for prop, mark in PROPERTY.findall(body) if not mark}
            for name, body in INTERFACE.findall(declarations)}
        self.script = script
        self.config = next(name for name in self.required if name.endswith("config")
                           and name[:-6] in script.lower())

    def schema(self):
        block = self.block(OWN.search(self.script).group(1), self.config)
        named = {a["name"]: a for a in block["attributes"]}
        for name, computed, optional, _, body in GETTER.findall(self.own_class()):
            if name in named:
                named[name]["computed"] = computed == "true" and not named[name]["required"]
            elif computed == "true" and optional == "false":
                kind = self.computed_type(body)
                if kind is not None:
                    block["attributes"].append(attribute(name, kind, computed=True))
        if "id" not in {a["name"] for a in block["attributes"]}:
            block["attributes"].append(attribute("id", "string", computed=True))
        return block

    def own_class(self):
        """Without the classes of nested blocks, whose attributes may have the same names."""
        return self.script[OWN_CLASS.search(self.script).start():]

    @staticmethod
    def computed_type(body):
        for call, kind in (("getStringAttribute", "string"), ("getNumberAttribute", "number"),
                           ("getBooleanAttribute", "bool"),
                           ("getListAttribute", ["list", "string"])):
            if call in body.split("}", 1)[0]:
                return kind
        return ["map", "string"] if "StringMap" in body else None

    def block(self, body, interface):
        attributes, blocks = [], []
        for name, value, is_block, kind, storage in ATTRIBUTE.findall(body):
            required = camel(name) in self.required.get(interface, set())
            nested = re.search(r"(\w+)ToHclTerraform\b(?!\()|(\w+)ToHclTerraform\(", value)
            nested = (nested.group(1) or nested.group(2)).lower() if nested else ""
            if is_block == "true" and nested in self.functions:
                blocks.append({
                    "name": name, "required": required,
                    "nesting": {"list": "list", "set": "set", "struct": "single"}[kind],
                    "block": self.block(self.functions[nested], nested)})
            else:
                attributes.append(attribute(name, type_of(kind, storage), required=required,
                                            optional=not required))
        return {"attributes": attributes, "blocks": blocks}


def attribute(name, kind, required=False, optional=False, computed=False):
    return {"name": name, "type": kind, "required": required, "optional": optional,
            "computed": computed}


def type_of(kind, storage):
    if kind == "simple":
        return SCALARS[storage]
    known = COLLECTIONS.get(storage)
    if known is None:
        raise ValueError(f"a type that is not known: {kind} {storage}")
    return ["set", known[1]] if kind == "set" else known


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def directory_of(name):
    """lib/NAME of `aws_vpc` or `data.aws_ssm_parameter`."""
    words = name.replace("data.aws_", "data-aws-").replace("_", "-")
    return "package/lib/" + (words[4:] if words.startswith("aws-") else words)


def read_schemas(package, names):
    wanted = {f"{directory_of(name)}/{file}": (name, file)
              for name in names for file in ("index.js", "index.d.ts")}
    wanted["package/lib/provider/index.js"] = ("provider", "index.js")
    wanted["package/lib/provider/index.d.ts"] = ("provider", "index.d.ts")
    texts = {}
    with tarfile.open(package, "r:gz") as archive:
        for member in archive:
            if member.name in wanted:
                texts[wanted[member.name]] = archive.extractfile(member).read().decode()
                if len(texts) == len(wanted):
                    break
    missing = {name for name, file in wanted.values() if (name, file) not in texts}
    if missing:
        raise KeyError(f"the provider has no {', '.join(sorted(missing))}")
    return {name: Resource(texts[name, "index.js"], texts[name, "index.d.ts"]).schema()
            for name in [*names, "provider"]}


if __name__ == "__main__":
    json.dump(read_schemas(sys.argv[1], sys.argv[2:]), sys.stdout)
