"""The flow is one way: proto → core → {agent, controller}; target-services depends on none of them.
Agent and controller share host (what a machine says of itself) and link (certificates, TLS), and
nothing else.

Checked in the #include lines of C++ and the import lines of protobuf. An include in quotes is
written from the root of the workspace (or from a library's own root, in a directory), never
relative to the file; our own headers are never included in <>.
"""

import re

# What each part may include of the others. tests may include all.
ALLOWED = {
    "proto": {"proto"},
    "core": {"core", "proto"},
    "host": {"host", "proto"},
    "link": {"link", "proto"},
    "agent": {"agent", "core", "host", "link", "proto"},
    "controller": {"controller", "core", "host", "link", "proto"},
    "target-services": {"target-services"},
    "tests": {
        "agent", "controller", "core", "host", "link", "proto", "target-services", "tests"
    },
}

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
_IMPORT = re.compile(r'^import[ \t]+(?:public[ \t]+|weak[ \t]+)?(")([^"]+)"', re.MULTILINE)


def _fault(part, bracket, included, language):
    """What is wrong with one include, or None."""
    first = included.split("/")[0]
    if "/./" in f"/{included}" or ".." in included.split("/"):
        return f'include of "{included}": write the path from the root of the workspace'
    if bracket == '"' and "/" not in included:
        return (f'include of "{included}": write the path from the root of the workspace '
                "(or <> for a library's header)")
    if bracket == "<" and first in ALLOWED and included.endswith(".h"):
        return f"include of <{included}>: our own headers stand in quotes"
    if language == "proto" and first not in ("proto", "google"):
        return f'import of "{included}": proto imports proto and google alone'
    if first in ALLOWED and part in ALLOWED and first not in ALLOWED[part]:
        return f'include of "{included}": {part} may not depend on {first}'
    return None


def check(source):
    """Faults as (line, text)."""
    if source.language not in ("cpp", "proto"):
        return []
    part = source.path.split("/")[0]
    pattern = _INCLUDE if source.language == "cpp" else _IMPORT
    faults = []
    for match in pattern.finditer(source.text):
        text = _fault(part, match.group(1), match.group(2), source.language)
        if text:
            faults.append((source.text.count("\n", 0, match.start(2)) + 1, text))
    return faults
