"""Each rule finds what is planted, where it is planted, and leaves right code alone."""

import os
import tempfile
import unittest

import check_style
import cpp_text
import names


def faults(path, text):
    """The messages for one file, as `LINE: TEXT`."""
    language = check_style.language_of(path, text.partition("\n")[0])
    source = check_style.Source(path, language, text)
    return [message[len(path) + 1:] for message in check_style.check_source(source)]


class RuleTest(unittest.TestCase):

    def expect_fault(self, path, text, line, words):
        found = faults(path, text)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{line}: "), found)
        self.assertIn(words, found[0])

    def expect_right(self, path, text):
        self.assertEqual(faults(path, text), [])


class SizesTest(RuleTest):

    def test_file(self):
        self.expect_right("core/a.cc", "int a;\n" * 500)
        self.expect_fault("core/a.cc", "int a;\n" * 501, 501, "file of 501 lines")

    def test_line(self):
        self.expect_right("core/a.cc", "x" * 100 + "\n")
        self.expect_right("core/a.cc", "// " + "→" * 97 + "\n")
        self.expect_fault("core/a.cc", "\n" + "x" * 101 + "\n", 2, "line of 101 columns")
        self.expect_fault("setup.sh", "x" * 101 + "\n", 1, "line of 101 columns")

    def test_cpp_function(self):
        for head in ("void F() {", "int A::F(int x) const {", "A::A() : a_{1}, b_(2) {",
                     "template <class T, class U = std::vector<T>>\nT F() {", "TEST(A, B) {",
                     "auto f = [](int x) {"):
            extra = head.count("\n")
            for lines, right in ((70 - extra, True), (71 - extra, False)):
                body = "  if (x) { g('{', \"{\"); }\n" * (lines - 2)
                text = ("namespace a {\nclass B {\n int f() { return 1; }\n};\n" +
                        f"{head}\n{body}}}\n}}\n")
                if right:
                    self.expect_right("core/a.cc", text)
                else:
                    self.expect_fault("core/a.cc", text, 5, "function of 71 lines")

    def test_cpp_what_is_no_function(self):
        for head in ("namespace a {", "class A : public B<int()> {", "struct A {", "enum A {",
                     "union A {", 'extern "C" {', "std::map<int, int> a = {"):
            self.expect_right("core/a.cc", head + "\n" + "  int a;\n" * 80 + "}\n")

    def test_python_function(self):
        self.expect_right("tests/a.py", "def f():\n" + "    a = 1\n" * 69)
        self.expect_fault("tests/a.py", "def f():\n" + "    a = 1\n" * 70, 1, "function of 71")

    def test_shell_function(self):
        self.expect_right("a.sh", "f() {\n" + "  :\n" * 68 + "}\n")
        self.expect_fault("a.sh", "\nf() {\n" + "  :\n" * 69 + "}\n", 2, "function of 71 lines")
        self.expect_fault(".ci/run", "#!/bin/sh\nf() {\n" + "  :\n" * 69 + "}\n", 2,
                          "function of 71 lines")


class NamesTest(RuleTest):

    def test_words(self):
        self.assertEqual(names.words("HTTPConnectionPool2_to-be.h"),
                         ["http", "connection", "pool", "2", "to", "be", "h"])
        self.assertEqual(names.words("DataUtils"), ["data", "util"])

    def test_banned_in_cpp(self):
        for text, word in (("class RunManager;", "manager"), ("struct HelperText {};", "helper"),
                           ("namespace string_utils {}", "util"), ("int buffer_data = 0;", "data"),
                           ("void F(const Info& x);", "info"), ("class FooImpl final {};", "impl"),
                           ("size_t size_of_data() const;", "data"), ("int Process;", "process"),
                           ("int handle = 0;", "handle"), ("Node FileHandle(int x);", "handle"),
                           ("auto [name, data] = f();", "data"), ("int kDataBytes = 1;", "data"),
                           ("using Datas = int;", "data")):
            self.expect_fault("core/a.cc", "\n" + text + "\n", 2, f"banned word '{word}'")

    def test_right_in_cpp(self):
        for text in ("auto x = text.data();", "auto x = text->mutable_data();",
                     "google::protobuf::util::F();", "// the data of a manager",
                     'auto x = "data";', "char c = '\"'; // info", "HandleTimeout(1);",
                     "void ProcessLine(int x);", "int database, handler, processor, simple;",
                     "addrinfo* list;", "#include <sys/sysinfo.h>", "int n = 1'000'000; int m;",
                     'auto x = R"(data)";'):
            self.expect_right("core/a.cc", text + "\n")

    def test_other_languages(self):
        self.expect_fault("proto/a.proto", "message A {\n  bytes data = 1; // info\n}\n", 2, "data")
        self.expect_fault("tests/a.py", "def f(info):\n    return info\n", 1, "info")
        self.expect_fault("tests/a.py", "x.data = 1\ndata = 2\n", 2, "data")
        self.expect_fault("a.sh", "echo data\nlocal data=1\n", 2, "data")
        self.expect_right("a.sh", "handle_exit() {\n  :\n}\n")

    def test_paths(self):
        self.assertEqual(len(names.check_path("core/string_util.h")), 1)
        self.assertEqual(len(names.check_path("core/helpers/a.h")), 1)
        self.assertEqual(len(names.check_path("agent/process.cc")), 1)
        self.assertEqual(names.check_path("core/database.h"), [])


class ArrowsTest(RuleTest):

    def test_wrong_way(self):
        for path, included in (("core/a.cc", "agent/b.h"), ("core/a.h", "controller/b.h"),
                               ("core/a.h", "target-services/echo/b.h"),
                               ("agent/http/a.cc", "controller/b.h"),
                               ("controller/a.cc", "agent/http/b.h"), ("core/a.cc", "tests/b.h"),
                               ("target-services/echo/a.cc", "core/b.h"),
                               ("target-services/a.cc", "proto/plan.pb.h")):
            self.expect_fault(path, f'\n#include "{included}"\n', 2, "may not depend on")

    def test_right_way(self):
        for path, included in (("core/a.cc", "proto/plan.pb.h"), ("agent/http/a.cc", "core/b.h"),
                               ("controller/a.cc", "proto/plan.pb.h"), ("core/a.cc", "absl/a/b.h"),
                               ("target-services/echo/a.cc", "target-services/b.h"),
                               ("tests/unit/a.cc", "controller/b.h")):
            self.expect_right(path, f'#include "{included}"\n')
        self.expect_right("core/a.cc", "#include <core/not_ours.hpp>\n#include <vector>\n")

    def test_proto(self):
        self.expect_right("proto/a.proto", 'import "proto/b.proto";\nimport "google/b.proto";\n')
        self.expect_fault("proto/a.proto", '\nimport "core/b.proto";\n', 2, "and google alone")
        self.expect_fault("proto/a.proto", 'import public "other/b.proto";\n', 1, "alone")

    def test_from_the_root(self):
        for included in ('"b.h"', '"../core/b.h"', '"./b.h"', '"core/../core/b.h"'):
            self.expect_fault("core/a.cc", f"#include {included}\n", 1, "root of the workspace")
        self.expect_fault("core/a.cc", "#include <core/b.h>\n", 1, "in quotes")


class CppTextTest(unittest.TestCase):

    def test_strip_keeps_lines_and_columns(self):
        text = 'a = "x\\"{"; /* {\n{ */ b = \'{\'; // {\n#define X { \\\n  {\nc = R"t({\n)")t";\n'
        stripped = cpp_text.strip(text)
        self.assertEqual([len(line) for line in stripped.split("\n")],
                         [len(line) for line in text.split("\n")])
        self.assertNotIn("{", stripped)
        for name in "abc":
            self.assertEqual(stripped.index(f"{name} ="), text.index(f"{name} ="))


class WorkspaceTest(unittest.TestCase):

    def test_finds_what_is_planted_and_skips_outputs(self):
        with tempfile.TemporaryDirectory() as root:
            for path, text in (("core/a.cc", "int data;\n"), ("core/my_util.h", "\n"),
                               ("bazel-out/a.cc", "int data;\n"), (".git/a.cc", "int data;\n"),
                               ("deploy/x.bin", "\0")):
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            count, messages = check_style.check_workspace(root)
        self.assertEqual(count, 2)
        self.assertEqual(len(messages), 2, messages)
        self.assertIn("core/a.cc:1: the name data", messages[0])
        self.assertIn("core/my_util.h:1: the file name", messages[1])


if __name__ == "__main__":
    unittest.main()
