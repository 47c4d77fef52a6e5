"""Writes the software bill of materials of one image as SPDX 2.3 JSON, to standard output.

    sbom.py --name drumline-agent --version 0.1.0 --time 1700000000 --program agent \
        --packages packages.tsv

packages.tsv has a line for each Debian package: name, version, architecture, source package.
The same input gives the same bytes: nothing is random and no clock is read.
"""

import argparse
import datetime
import hashlib
import json
import pathlib
import sys
import urllib.parse


def spdx_id(text):
    return "SPDXRef-" + "".join(c if c.isalnum() or c in ".-" else "-" for c in text)


def purl(name, version, architecture):
    def quote(part):
        return urllib.parse.quote(part, safe="")

    return f"pkg:deb/debian/{quote(name)}@{quote(version)}?arch={architecture}"


def debian_package(line):
    name, version, architecture, source = line.split("\t")
    return {
        "SPDXID": spdx_id(f"deb-{name}-{architecture}"),
        "name": name,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "sourceInfo": f"built from the source package {source}",
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": purl(name, version, architecture),
            }
        ],
    }


def own_program(name, version, program):
    return {
        "SPDXID": spdx_id(name),
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "checksums": [
            {
                "algorithm": "SHA256",
                "checksumValue": hashlib.sha256(program.read_bytes()).hexdigest(),
            }
        ],
    }


def document(name, version, when, program, lines):
    own = own_program(name, version, program)
    packages = [own] + [debian_package(line) for line in lines]
    created = datetime.datetime.fromtimestamp(when, datetime.timezone.utc)
    digest = own["checksums"][0]["checksumValue"]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{name}-{version}",
        "documentNamespace": f"urn:drumline:{name}:{version}:{digest}",
        "creationInfo": {
            "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: drumline-sbom"],
        },
        "packages": packages,
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": own["SPDXID"],
            }
        ]
        + [
            {
                "spdxElementId": own["SPDXID"],
                "relationshipType": "DEPENDS_ON",
                "relatedSpdxElement": package["SPDXID"],
            }
            for package in packages[1:]
        ],
    }


def main():
    parser = argparse.ArgumentParser(description="SPDX of one image, to standard output")
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--time", required=True, type=int, help="of the commit, in seconds")
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--packages", required=True, type=pathlib.Path)
    given = parser.parse_args()
    lines = given.packages.read_text(encoding="utf-8").splitlines()
    made = document(given.name, given.version, given.time, given.program, lines)
    json.dump(made, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
