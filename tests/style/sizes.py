"""Files of at most 500 lines, functions of at most 70, lines of at most 100 columns.

Functions are found by braces in C++ (see cpp_text.py), by Python's own parser in Python, and from
`name() {` to the next `}` at the line's begin in shell scripts. A function is counted from its
first line, return type included, to its closing brace.
"""

import ast
import re

import cpp_text

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 70
MAX_COLUMNS = 100


def _python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno


def _shell_functions(text):
    begin = None
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"(function\s+)?[\w-]+\s*\(\)\s*\{\s*$", line):
            begin = number
        elif line.startswith("}") and begin:
            yield begin, number
            begin = None


def functions(source):
    """Yields (first line, last line) of each function."""
    if source.language == "cpp":
        return cpp_text.functions(cpp_text.strip(source.text))
    if source.language == "python":
        return _python_functions(source.text)
    if source.language == "shell":
        return _shell_functions(source.text)
    return []


def check(source):
    """Faults as (line, text)."""
    lines = source.text.split("\n")
    faults = [(number, f"line of {len(line)} columns; at most {MAX_COLUMNS}")
              for number, line in enumerate(lines, 1)
              if len(line) > MAX_COLUMNS]
    count = source.text.count("\n")
    if count > MAX_FILE_LINES:
        faults.append((count, f"file of {count} lines; at most {MAX_FILE_LINES}"))
    for first, last in functions(source):
        if last - first + 1 > MAX_FUNCTION_LINES:
            faults.append(
                (first, f"function of {last - first + 1} lines; at most {MAX_FUNCTION_LINES}"))
    return faults
