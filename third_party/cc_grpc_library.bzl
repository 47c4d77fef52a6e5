"""cc_grpc_library: the C++ gRPC stubs of the services in one proto_library."""

load("@rules_proto//proto:defs.bzl", "ProtoInfo")

def _grpc_sources_impl(ctx):
    proto = ctx.attr.proto[ProtoInfo]
    outputs = []
    for source in proto.direct_sources:
        stem = source.basename[:-len(".proto")]
        outputs.append(ctx.actions.declare_file(stem + ".grpc.pb.h"))
        outputs.append(ctx.actions.declare_file(stem + ".grpc.pb.cc"))
    arguments = ctx.actions.args()
    arguments.add("--plugin=protoc-gen-grpc=" + ctx.file._plugin.path)
    arguments.add("--grpc_out=" + ctx.bin_dir.path)
    arguments.add_all(proto.transitive_proto_path, format_each = "-I%s")
    arguments.add_all(proto.direct_sources)
    ctx.actions.run(
        executable = ctx.file._protoc,
        arguments = [arguments],
        inputs = depset(transitive = [proto.transitive_sources]),
        tools = [ctx.file._plugin],
        outputs = outputs,
        mnemonic = "GrpcSources",
    )
    return [DefaultInfo(files = depset(outputs))]

_grpc_sources = rule(
    implementation = _grpc_sources_impl,
    attrs = {
        "proto": attr.label(mandatory = True, providers = [ProtoInfo]),
        "_protoc": attr.label(
            default = "@com_google_protobuf//:bin/protoc",
            allow_single_file = True,
        ),
        "_plugin": attr.label(
            default = "@com_google_protobuf//:bin/grpc_cpp_plugin",
            allow_single_file = True,
        ),
    },
)

def cc_grpc_library(name, proto, deps, **kwargs):
    """Generates and compiles the stubs.

    Args:
      name: the cc_library that results.
      proto: the proto_library whose services are wanted.
      deps: its cc_proto_library.
      **kwargs: passed on to the cc_library (visibility, say).
    """
    _grpc_sources(name = name + "_sources", proto = proto)
    native.cc_library(
        name = name,
        srcs = [name + "_sources"],
        hdrs = [name + "_sources"],
        deps = deps + ["//third_party:grpc"],
        **kwargs
    )
