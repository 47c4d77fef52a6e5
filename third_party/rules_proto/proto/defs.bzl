"""Re-exports Bazel's native rules, so that nothing has to be downloaded."""

load(":native.bzl", "NativeProtoInfo")

proto_library = native.proto_library
proto_lang_toolchain = native.proto_lang_toolchain
ProtoInfo = NativeProtoInfo
