"""Reads C++ (and protobuf) as text: without comments and literals, and where its functions are.

This is no parser. It relies on sources that clang-format laid out and that compile.
"""

import re

_SKIPPED = re.compile(
    r"""//[^\n]*|/\*.*?\*/"""
    r"""|(?:u8|u|U|L)?R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)\""""
    r"""|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'""", re.DOTALL)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
_TEMPLATE = re.compile(r"\btemplate\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>")
_TYPE = re.compile(r"\b(?:class|struct|union|enum)\b[^()=]*(?:\(.*)?$", re.DOTALL)
_NAMESPACE = re.compile(r"\bnamespace\b|^\s*extern\s*$")


def _blank(match):
    """Spaces in place of the text, so that lines and columns stay."""
    return re.sub(r"[^\n]", " ", match.group())


def _blank_literal(match):
    text = match.group()
    return _blank(match) if text.startswith("/") else '""' + _blank(match)[2:]


def strip(text):
    """[text] with comments, literals and preprocessor directives blanked out."""
    return _DIRECTIVE.sub(_blank, _SKIPPED.sub(_blank_literal, text))


def _kind(head):
    """What the brace after [head] opens, outside of functions."""
    head = _TEMPLATE.sub(" ", head)
    if _NAMESPACE.search(head):
        return "namespace"
    if _TYPE.match(head.strip()):
        return "type"
    return "function" if "(" in head or "[" in head else "other"


def functions(stripped):
    """Yields (first line, last line) of each function, from text that went through strip().

    A function is a brace outside of functions whose head (all since the last ; or brace) has a
    parenthesis and begins no type or namespace. Lambdas count with the function that they stand in.
    """
    scopes = []
    head_start = 0
    for match in re.finditer(r"[{};]", stripped):
        at = match.start()
        if match.group() == "{":
            head = stripped[head_start:at]
            inside = bool(scopes) and scopes[-1][0] == "function"
            kind = "nested" if inside or (scopes and scopes[-1][0] == "nested") else _kind(head)
            begin = head_start + len(head) - len(head.lstrip())
            scopes.append((kind, begin))
        elif match.group() == "}" and scopes:
            kind, begin = scopes.pop()
            if kind == "function":
                yield stripped.count("\n", 0, begin) + 1, stripped.count("\n", 0, at) + 1
        head_start = at + 1
