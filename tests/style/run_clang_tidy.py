"""Runs clang-tidy over the project's own .cc files, with the flags that Bazel compiles them with.

    python3 tests/style/run_clang_tidy.py [PATH…]     exit code 0: nothing to say

Without paths all files that Bazel knows are read. The workspace must have been built, because
generated headers are read too. Messages of a file are printed when it is done. The program is the
one that ./setup.sh installs (third_party/clang_tidy).
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

OWN_DIRECTORIES = ("agent", "controller", "core", "host", "link", "target-services", "tests")
# GCC's own; clang refuses it.
FOREIGN_FLAGS = ("-fno-canonical-system-headers",)


def program():
    """Where setup.sh has put it: the directory is named by what it holds."""
    wanted = pathlib.Path("third_party/clang_tidy/requirements.txt").read_bytes()
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    digest = hashlib.sha256(wanted).hexdigest()[:12]
    path = os.path.join(cache, "drumline", f"clang-tidy-{digest}", "bin", "clang-tidy")
    if not os.access(path, os.X_OK):
        sys.exit(f"{path} is not there: run ./setup.sh")
    return path


def bazel(*arguments):
    return subprocess.run(["bazel", *arguments], check=True, capture_output=True).stdout


def compile_commands(actions, directory):
    """One entry a source file, from aquery's list of compile actions."""
    entries = {}
    for action in actions:
        arguments = [a for a in action["arguments"] if a not in FOREIGN_FLAGS]
        source = arguments[arguments.index("-c") + 1]
        if source.startswith(tuple(d + "/" for d in OWN_DIRECTORIES)):
            arguments.append("-Wno-unknown-warning-option")
            entries[source] = {"directory": directory, "file": source, "arguments": arguments}
    return entries


def query_compile_commands():
    query = 'mnemonic("CppCompile", //...)'
    answer = json.loads(
        bazel("aquery", "--output=jsonproto", "--include_artifacts=false", query))
    directory = bazel("info", "execution_root").decode().strip()
    return compile_commands(answer["actions"], directory), directory


def tidy(clang_tidy, source, directory, database, root):
    own = "|".join(OWN_DIRECTORIES)
    command = [
        clang_tidy, "--quiet", "-p", database, f"--config-file={root}/.clang-tidy",
        f"--header-filter=^({directory}/|{root}/|\\./)?({own})/", source
    ]
    done = subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return source, done.returncode, done.stdout


def main():
    root = os.getcwd()
    clang_tidy = program()
    try:
        entries, directory = query_compile_commands()
    except subprocess.CalledProcessError as error:
        sys.exit(error.stderr.decode())
    sources = sys.argv[1:] or sorted(entries)
    failed = 0
    with tempfile.TemporaryDirectory() as database:
        with open(os.path.join(database, "compile_commands.json"), "w", encoding="utf-8") as file:
            json.dump(list(entries.values()), file)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [
                pool.submit(tidy, clang_tidy, source, directory, database, root)
                for source in sources
            ]
            for job in concurrent.futures.as_completed(jobs):
                source, status, output = job.result()
                if status != 0:
                    failed += 1
                    print(f"-- {source}\n{output}", flush=True)
    print(f"clang-tidy: {len(sources)} files, {failed} with faults")
    sys.exit(0 if failed == 0 else 1)


if __name__ == "__main__":
    main()
