"""A Terraform provider that has a schema and nothing else: it can be validated against, and
`mock_provider` of `terraform test` makes up the rest.

    stub_provider.py SCHEMA.json SOCKET     # serves until it is killed

It speaks the part of plugin protocol 5 that this takes, over gRPC without TLS on a Unix socket.
Terraform is told of it by TF_REATTACH_PROVIDERS (see reattach). The few messages are written by
hand, field by field; their numbers stand in Terraform's docs/plugin-protocol/tfplugin5.proto.
"""

import json
import sys
import threading
from concurrent import futures

import grpc

NESTING = {"single": 1, "list": 2, "set": 3}


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def flag(field, value):
    return varint(field << 3) + varint(int(value)) if value else b""


def message(field, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def attribute(item):
    return (message(1, item["name"]) + message(2, json.dumps(item["type"])) +
            flag(4, item["required"]) + flag(5, item["optional"]) + flag(6, item["computed"]))


def nested(item):
    return (message(1, item["name"]) + message(2, block(item["block"])) +
            flag(3, NESTING[item["nesting"]]) + flag(4, item["required"]))


def block(item):
    return (b"".join(message(2, attribute(a)) for a in item["attributes"]) +
            b"".join(message(3, nested(b)) for b in item["blocks"]))


def schema(item):
    return message(2, block(item))


def get_schema_response(schemas):
    out = message(1, schema(schemas["provider"]))
    for name, item in schemas.items():
        if name == "provider":
            continue
        source = name.startswith("data.")
        entry = message(1, name.removeprefix("data.")) + message(2, schema(item))
        out += message(3 if source else 2, entry)
    return out


def serve(schemas, socket):
    response = get_schema_response(schemas)
    answers = {
        "GetSchema": lambda request: response,
        # The configuration as it came: field 1 of the request and of the response.
        "PrepareProviderConfig": lambda request: request,
        # No diagnostics.
        "ValidateResourceTypeConfig": lambda request: b"",
        "ValidateDataSourceConfig": lambda request: b"",
        "Configure": lambda request: b"",
        "Stop": lambda request: b"",
    }
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(
            lambda request, context, answer=answer: answer(request))
        for name, answer in answers.items()}
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("tfplugin5.Provider", handlers),))
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    print("serving", flush=True)
    threading.Event().wait()


def reattach(pid, socket):
    """The value of TF_REATTACH_PROVIDERS."""
    return json.dumps({"registry.terraform.io/hashicorp/aws": {
        "Protocol": "grpc", "ProtocolVersion": 5, "Pid": pid, "Test": True,
        "Addr": {"Network": "unix", "String": socket}}})


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as schema_file:
        loaded = json.load(schema_file)
    serve(loaded, sys.argv[2])
