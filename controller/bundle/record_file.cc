#include "controller/bundle/record_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

constexpr absl::string_view kMagic = "DRUMREC1";
constexpr size_t kFrameBytes = 8;
constexpr size_t kBufferBytes = size_t{256} * 1024;

std::string LittleEndian(uint32_t value) {
  std::string bytes(4, '\0');
  for (int i = 0; i < 4; ++i) bytes[static_cast<size_t>(i)] = static_cast<char>(value >> (8 * i));
  return bytes;
}

uint32_t FromLittleEndian(absl::string_view bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[static_cast<size_t>(i)]);
  }
  return value;
}

// The length is part of it, so that a run of zeros is no valid record.
uint32_t Checksum(absl::string_view length, absl::string_view record) {
  uLong crc = crc32(0, reinterpret_cast<const Bytef*>(length.data()), 4);
  crc = crc32_z(crc, reinterpret_cast<const Bytef*>(record.data()), record.size());
  return static_cast<uint32_t>(crc);
}

// Until the file is closed, however the program ends.
absl::Status LockForWriting(const FileDescriptor& file, const std::string& path) {
  if (flock(file.get(), LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
  if (errno != EWOULDBLOCK) return FileError("lock", path, errno);
  return absl::FailedPreconditionError(
      absl::StrCat("cannot go on in ", path, ": another controller is writing to it"));
}

}  // namespace

absl::StatusOr<RecordWriter> RecordWriter::Create(const std::string& path) {
  absl::StatusOr<FileDescriptor> file = OpenFile(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
  if (!file.ok()) return file.status();
  if (absl::Status status = LockForWriting(*file, path); !status.ok()) return status;
  RecordWriter writer(path, *std::move(file));
  if (absl::Status status = writer.Append(kMagic); !status.ok()) return status;
  return writer;
}

absl::StatusOr<RecordWriter> RecordWriter::Reopen(const std::string& path) {
  absl::StatusOr<FileDescriptor> file = OpenFile(path, O_WRONLY | O_APPEND);
  if (!file.ok()) return file.status();
  if (absl::Status status = LockForWriting(*file, path); !status.ok()) return status;
  absl::StatusOr<RecordReader> reader = RecordReader::Open(path);
  if (!reader.ok()) return reader.status();
  std::string record;
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = reader->Next(&record);
  if (!more.ok()) return more.status();
  RecordWriter writer(path, *std::move(file));
  writer.size_ = reader->intact_bytes();
  // Nothing is thrown away: somebody may want to know what it was.
  if (reader->damage()) {
    std::error_code error;
    std::filesystem::copy_file(path, path + ".damaged",
                               std::filesystem::copy_options::overwrite_existing, error);
    if (error) return FileError("copy", path, error.value());
  }
  if (ftruncate(writer.file_.get(), writer.size_) != 0) return FileError("cut", path, errno);
  if (writer.size_ > 0) return writer;
  if (absl::Status status = writer.Append(kMagic); !status.ok()) return status;
  return writer;
}

absl::Status RecordWriter::Append(absl::string_view bytes) {
  if (!first_error_.ok()) return first_error_;
  first_error_ = WriteAll(file_, path_, bytes);
  if (first_error_.ok()) {
    size_ += static_cast<int64_t>(bytes.size());
    synced_ = false;
  } else if (ftruncate(file_.get(), size_) != 0) {
    return absl::Status(first_error_.code(), absl::StrCat(first_error_.message(),
                                                          " (and the record that was begun at "
                                                          "byte ",
                                                          size_, " could not be removed)"));
  }
  return first_error_;
}

absl::Status RecordWriter::AppendRecord(absl::string_view record) {
  if (record.size() > kMaxRecordBytes) {
    return absl::InvalidArgumentError(absl::StrCat("cannot append to ", path_, ": a record of ",
                                                   record.size(), " bytes; the most is ",
                                                   kMaxRecordBytes));
  }
  const std::string length = LittleEndian(static_cast<uint32_t>(record.size()));
  return Append(absl::StrCat(length, LittleEndian(Checksum(length, record)), record));
}

absl::Status RecordWriter::Sync() {
  if (!first_error_.ok() || synced_) return first_error_;
  first_error_ = SyncFile(file_, path_);
  synced_ = first_error_.ok();
  return first_error_;
}

absl::StatusOr<RecordReader> RecordReader::Open(const std::string& path) {
  absl::StatusOr<FileDescriptor> file = OpenFile(path, O_RDONLY);
  if (!file.ok()) return file.status();
  RecordReader reader(path, *std::move(file));
  std::string magic;
  if (absl::Status status = reader.Read(kMagic.size(), &magic); !status.ok()) return status;
  if (magic == kMagic) {
    reader.offset_ = static_cast<int64_t>(kMagic.size());
  } else if (absl::StartsWith(kMagic, magic)) {
    reader.NoteDamage("the file ends within its first 8 bytes");
  } else {
    reader.NoteDamage("the file does not begin as a file of records does");
  }
  return reader;
}

absl::Status RecordReader::Read(size_t size, std::string* bytes) {
  bytes->clear();
  while (bytes->size() < size) {
    if (buffer_at_ == buffer_.size()) {
      buffer_.resize(kBufferBytes);
      buffer_at_ = 0;
      ssize_t got = -1;
      do {
        got = read(file_.get(), buffer_.data(), buffer_.size());
      } while (got < 0 && errno == EINTR);
      const int error_number = errno;
      buffer_.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
      if (got < 0) return FileError("read", path_, error_number);
      if (got == 0) return absl::OkStatus();
    }
    const size_t take = std::min(size - bytes->size(), buffer_.size() - buffer_at_);
    bytes->append(buffer_, buffer_at_, take);
    buffer_at_ += take;
  }
  return absl::OkStatus();
}

bool RecordReader::NoteDamage(std::string reason) {
  damage_ = Damage{offset_, std::move(reason)};
  return false;
}

absl::StatusOr<bool> RecordReader::Next(std::string* record) {
  if (damage_) return false;
  std::string frame;
  if (absl::Status status = Read(kFrameBytes, &frame); !status.ok()) return status;
  if (frame.empty()) return false;
  if (frame.size() < kFrameBytes) return NoteDamage("the file ends within a record's length");
  const absl::string_view length(frame.data(), 4);
  const uint32_t size = FromLittleEndian(length);
  if (size > kMaxRecordBytes) {
    return NoteDamage(absl::StrCat("a record of ", size, " bytes; the most is ", kMaxRecordBytes));
  }
  if (absl::Status status = Read(size, record); !status.ok()) return status;
  if (record->size() < size) return NoteDamage("the file ends within a record");
  if (Checksum(length, *record) != FromLittleEndian(absl::string_view(frame.data() + 4, 4))) {
    return NoteDamage("a record's checksum does not fit it");
  }
  offset_ += static_cast<int64_t>(kFrameBytes + size);
  return true;
}

}  // namespace drumline
