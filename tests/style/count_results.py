"""Counts test cases from what Bazel recorded of a `bazel test`.

    python3 tests/style/count_results.py EVENTS_JSON BAZEL_STATUS     prints: PASSED FAILED SKIPPED

EVENTS_JSON is what --build_event_json_file wrote. It names each test's test.xml, in which each case
of a test binary stands. A test that failed without a failed case (a crash, a timeout), one that did
not build, and a failure of Bazel itself count as one failed each: nothing that went wrong is 0.
"""

import json
import sys
import urllib.parse
import xml.etree.ElementTree


class Counts:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0


def count_cases(xml_text):
    """The cases of one test.xml."""
    counts = Counts()
    for case in xml.etree.ElementTree.fromstring(xml_text).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            counts.failed += 1
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            counts.skipped += 1
        else:
            counts.passed += 1
    return counts


def read_xml(result):
    for output in result.get("testActionOutput", []):
        if output["name"] == "test.xml":
            path = urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path)
            with open(path, "rb") as file:
                return file.read()
    return None


def count_result(result):
    """One run of one test binary."""
    text = read_xml(result)
    counts = Counts() if text is None else count_cases(text)
    passed = result.get("status") == "PASSED"
    if not passed and counts.failed == 0:
        counts.failed = 1
    if passed and text is None:
        counts.passed = 1
    return counts


def count_events(lines):
    """All results of one invocation. Of a test that was tried again the last attempt counts."""
    results = {}
    unbuilt = set()
    for line in lines:
        event = json.loads(line)
        identity = event.get("id", {})
        if "testResult" in identity:
            test = identity["testResult"]
            results[test["label"], test.get("run"), test.get("shard")] = event["testResult"]
        elif "targetCompleted" in identity and not event.get("completed", {}).get("success"):
            unbuilt.add(identity["targetCompleted"]["label"])
    total = Counts()
    for result in results.values():
        counts = count_result(result)
        total.passed += counts.passed
        total.failed += counts.failed
        total.skipped += counts.skipped
    total.failed += len(unbuilt - {label for label, _, _ in results})
    return total


def main():
    events, bazel_status = sys.argv[1], int(sys.argv[2])
    total = Counts()
    try:
        with open(events, encoding="utf-8") as file:
            total = count_events(file)
    except OSError as error:
        print(f"count_results.py: {error}", file=sys.stderr)
    if bazel_status != 0 and total.failed == 0:
        total.failed = 1
    print(total.passed, total.failed, total.skipped)


if __name__ == "__main__":
    main()
