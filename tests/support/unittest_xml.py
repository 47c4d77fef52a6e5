"""Runs Python unit tests by their modules' names and writes each case into $XML_OUTPUT_FILE.

    python3 unittest_xml.py MODULE…        exit code 0: nothing failed

Bazel's own record of such a test has one case, which passed even if all were skipped. Here what was
skipped stands as skipped, and is counted so.
"""

import os
import sys
import unittest
import xml.etree.ElementTree


class Recorder(unittest.TextTestResult):
    """Remembers what became of each case."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fates = {}

    def _note(self, test, fate, words):
        self.fates.setdefault(test.id(), (fate, words))

    def addSuccess(self, test):
        super().addSuccess(test)
        self._note(test, None, "")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note(test, "failure", str(err[1]))

    def addError(self, test, err):
        super().addError(test, err)
        self._note(test, "error", str(err[1]))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note(test, "failure", f"{subtest}: {err[1]}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, "skipped", reason)


def _clean(text):
    """XML has no word for most control characters."""
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)


def write_xml(fates, path):
    suite = xml.etree.ElementTree.Element("testsuite", name="unittest", tests=str(len(fates)))
    for name, (fate, words) in fates.items():
        group, _, method = name.rpartition(".")
        case = xml.etree.ElementTree.SubElement(suite, "testcase", classname=group, name=method)
        if fate:
            xml.etree.ElementTree.SubElement(case, fate, message=_clean(words))
    xml.etree.ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main():
    sys.path.insert(0, os.getcwd())
    suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:])
    result = unittest.TextTestRunner(verbosity=2, resultclass=Recorder).run(suite)
    if "XML_OUTPUT_FILE" in os.environ:
        write_xml(result.fates, os.environ["XML_OUTPUT_FILE"])
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
