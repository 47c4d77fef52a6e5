"""The distribution's protobuf and gRPC compilers as the repository @com_google_protobuf."""

_BUILD = """
package(default_visibility = ["//visibility:public"])

exports_files(["bin/protoc", "bin/grpc_cpp_plugin"])

alias(name = "protoc", actual = "bin/protoc")

cc_library(name = "protobuf", linkopts = ["-lprotobuf", "-pthread"])

WELL_KNOWN = ["any", "descriptor", "duration", "empty", "struct", "timestamp", "wrappers"]

[proto_library(
    name = name + "_proto",
    srcs = ["include/google/protobuf/" + name + ".proto"],
    strip_import_prefix = "include",
) for name in WELL_KNOWN]

proto_lang_toolchain(
    name = "cc_toolchain",
    blacklisted_protos = [":" + name + "_proto" for name in WELL_KNOWN],
    command_line = "--cpp_out=$(OUT)",
    runtime = ":protobuf",
)
"""

_TOOLS = {
    "protoc": "protobuf-compiler",
    "grpc_cpp_plugin": "protobuf-compiler-grpc",
}

def _system_protobuf_impl(ctx):
    for tool, package in _TOOLS.items():
        path = ctx.which(tool)
        if not path:
            fail("%s is missing: install the package %s, or run ./setup.sh" % (tool, package))
        ctx.symlink(path, "bin/" + tool)
    headers = ctx.path("/usr/include/google/protobuf")
    if not headers.exists:
        fail("%s is missing: install the package libprotobuf-dev, or run ./setup.sh" % headers)
    ctx.symlink(headers, "include/google/protobuf")
    ctx.file("WORKSPACE", "workspace(name = \"com_google_protobuf\")\n")
    ctx.file("BUILD.bazel", _BUILD)

system_protobuf = repository_rule(
    implementation = _system_protobuf_impl,
    local = True,
)
