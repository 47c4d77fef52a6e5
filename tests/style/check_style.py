"""Checks the rules of style that a machine can check.

    python3 tests/style/check_style.py [WORKSPACE]     prints FILE:LINE: what is wrong; exit code 1

Rules (each in a module of its own, with the heuristic that it uses):
  sizes.py   files of at most 500 lines, functions of at most 70, lines of at most 100 columns
  names.py   words that no name may have: they say that something is done, not what
  arrows.py  which part may include which, and from where includes are written
"""

import os
import sys

import arrows
import names
import sizes

# Directories that hold nothing of ours, or outputs.
SKIPPED_DIRECTORIES = {".git", "results", "__pycache__"}
SUFFIXES = {
    ".cc": "cpp",
    ".h": "cpp",
    ".proto": "proto",
    ".py": "python",
    ".sh": "shell",
    ".bazel": "bazel",
    ".bzl": "bazel",
    ".js": "web",
    ".css": "web",
}


class Source:
    """A file: its path from the workspace's root, its language and its text."""

    def __init__(self, path, language, text):
        self.path = path
        self.language = language
        self.text = text


def language_of(path, first_line):
    suffix = os.path.splitext(path)[1]
    if not suffix and first_line.startswith("#!") and "sh" in first_line:
        return "shell"
    return SUFFIXES.get(suffix)


def read_source(root, path):
    """The source at [path], or None if it is not of a language that is checked."""
    if os.path.splitext(path)[1] not in SUFFIXES and os.path.splitext(path)[1]:
        return None
    with open(os.path.join(root, path), "rb") as file:
        content = file.read()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    language = language_of(path, text.partition("\n")[0])
    return Source(path, language, text) if language else None


def workspace_paths(root):
    """All files of the workspace, from its root."""
    for directory, subdirectories, files in os.walk(root):
        subdirectories[:] = sorted(
            d for d in subdirectories
            if d not in SKIPPED_DIRECTORIES and not d.startswith("bazel-") and
            not os.path.islink(os.path.join(directory, d)))
        for name in sorted(files):
            path = os.path.join(directory, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield os.path.relpath(path, root)


def check_source(source):
    """Messages of the form PATH:LINE: TEXT."""
    faults = sizes.check(source) + names.check(source) + arrows.check(source)
    return [f"{source.path}:{line}: {text}" for line, text in sorted(faults)]


def check_workspace(root):
    messages = []
    count = 0
    for path in workspace_paths(root):
        messages += [f"{path}:1: {text}" for text in names.check_path(path)]
        source = read_source(root, path)
        if source:
            count += 1
            messages += check_source(source)
    return count, messages


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.getcwd()
    count, messages = check_workspace(root)
    print("\n".join(messages))
    print(f"check_style: {count} sources, {len(messages)} faults")
    # A workspace without sources means that the wrong place was read.
    sys.exit(1 if messages or count < 10 else 0)


if __name__ == "__main__":
    main()
