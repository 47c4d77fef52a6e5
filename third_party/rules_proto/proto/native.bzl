"""ProtoInfo under another name: one file cannot both read and define it."""

NativeProtoInfo = ProtoInfo
