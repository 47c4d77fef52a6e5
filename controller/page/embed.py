"""Writes the page's files into a C++ source, as functions that return their text.

    python3 embed.py OUTPUT NAME=FILE[,FILE…] …

Files of one name are put one after another. Raw string literals of at most 8,000 bytes each: no
compiler need take longer ones.
"""

import sys

PIECE_BYTES = 8000
DELIMITER = "page"


def literals(text):
    encoded = text.encode("utf-8")
    assert f"){DELIMITER}\"".encode() not in encoded, "the delimiter occurs in the text"
    begin = 0
    while begin < len(encoded):
        end = min(begin + PIECE_BYTES, len(encoded))
        # Not within a character.
        while end < len(encoded) and encoded[end] & 0xC0 == 0x80:
            end -= 1
        yield f'R"{DELIMITER}({encoded[begin:end].decode("utf-8")}){DELIMITER}"'
        begin = end


def main():
    output, *entries = sys.argv[1:]
    with open(output, "w", encoding="utf-8") as source:
        source.write('#include "controller/page/page_files.h"\n\n')
        source.write("namespace drumline::page_files {\n")
        for entry in entries:
            name, files = entry.split("=", 1)
            text = ""
            for path in files.split(","):
                with open(path, encoding="utf-8") as file:
                    text += file.read()
            pieces = "\n    ".join(literals(text)) or '""'
            source.write(f"\nstd::string {name}() {{\n  return\n    {pieces};\n}}\n")
        source.write("\n}  // namespace drumline::page_files\n")


main()
