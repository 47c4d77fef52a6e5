"""Words that no name of ours may have, in identifiers and in paths.

A name is split into words at _ - . and where CamelCase begins a new one. HANDLE and PROCESS are
banned as nouns only: where one is the first word of something called, as in HandleTimeout(…), it is
taken for the verb.

Heuristic for C++: each identifier of the text (without comments, literals and directives) counts as
ours, unless
  - it stands after `.`, `->` or `::`: then it is somebody else's (std::string::data, protobuf's
    accessors) or declared elsewhere, where it stands bare;
  - it is all capitals: a macro or constant of the C library.
So x.data() passes, and a function, type, variable, parameter or member of our own does not. In
protobuf all identifiers count; in Python what is defined, assigned or a parameter; in shell scripts
functions and variables that are set.
"""

import ast
import re

import cpp_text

BANNED = {"manager", "helper", "util", "impl", "data", "info"}
BANNED_NOUNS = {"process", "handle"}
# Names that the rule cannot know to be foreign, or that are given by others.
ALLOWED = set()
ALLOWED_PATH_WORDS = {"cloud-init.user-data"}

_IDENTIFIER = re.compile(r"(\.|->|::)?\s*\b([A-Za-z_]\w*)\b(\s*\()?")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words(name):
    """The words of a name, in lower case and in the singular."""
    found = []
    for part in re.split(r"[_\-.]", name):
        found += [word.lower() for word in _CAMEL.findall(part)]
    singular = BANNED | BANNED_NOUNS
    return [word[:-1] if word.endswith("s") and word[:-1] in singular else
            "process" if word == "processes" else word
            for word in found]


def banned_word(name, called=False):
    """The word for which [name] is refused, or None. [called]: a parenthesis follows it."""
    if name in ALLOWED:
        return None
    split = words(name)
    for index, word in enumerate(split):
        if word in BANNED or (word in BANNED_NOUNS and not (called and index == 0)):
            return word
    return None


def _cpp_names(text):
    stripped = cpp_text.strip(text)
    for match in _IDENTIFIER.finditer(stripped):
        qualifier, name, call = match.groups()
        if not qualifier and not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            yield stripped.count("\n", 0, match.start(2)) + 1, name, bool(call)


def _proto_names(text):
    stripped = cpp_text.strip(text)
    for match in re.finditer(r"[A-Za-z_]\w*", stripped):
        yield stripped.count("\n", 0, match.start()) + 1, match.group(), False


def _python_names(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.name, True
        elif isinstance(node, ast.ClassDef):
            yield node.lineno, node.name, False
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg, False
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id, False


def _shell_names(text):
    pattern = re.compile(r"^\s*(?:(?:local|readonly|export|declare)\s+)*([A-Za-z_]\w*)(=|\(\))")
    for number, line in enumerate(text.split("\n"), 1):
        match = pattern.match(line)
        if match:
            yield number, match.group(1), match.group(2) == "()"


_READERS = {
    "cpp": _cpp_names,
    "proto": _proto_names,
    "python": _python_names,
    "shell": _shell_names,
}


def check(source):
    """Faults as (line, text)."""
    if source.language not in _READERS:
        return []
    faults = []
    for line, name, called in _READERS[source.language](source.text):
        word = banned_word(name, called)
        if word:
            faults.append((line, f"the name {name} has the banned word '{word}'"))
    return faults


def check_path(path):
    """Faults of the path itself, as texts."""
    return [f"the file name has the banned word '{word}'"
            for part in path.split("/")
            if part not in ALLOWED_PATH_WORDS
            for word in [banned_word(part)]
            if word]
