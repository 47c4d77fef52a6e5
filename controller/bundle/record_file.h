// A file of records that is only ever appended to, and that tells how much of it can be trusted
// after whatever happened to the machine that wrote it.
//
//     auto writer = RecordWriter::Create("intervals.pb");
//     writer->AppendRecord(interval.SerializeAsString());
//     writer->Sync();                                  // on the disk from here on
//
//     auto reader = RecordReader::Open("intervals.pb");
//     std::string record;
//     while (true) {
//       absl::StatusOr<bool> more = reader->Next(&record);
//       …
//     }
//     if (reader->damage()) …                          // everything before damage()->at_byte is
//     intact
//
// The format: 8 bytes "DRUMREC1"; then for each record 4 bytes of length, 4 bytes of CRC-32 (the
// one of zlib, over the four bytes of length and the record), both little-endian, and the record.
#ifndef CONTROLLER_BUNDLE_RECORD_FILE_H_
#define CONTROLLER_BUNDLE_RECORD_FILE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/bundle/posix_file.h"

namespace drumline {

// A second of an agent takes at most about 2 MB: eight histograms with every slot in use.
inline constexpr uint32_t kMaxRecordBytes = 16 * 1024 * 1024;

// Movable. One thread at a time.
class RecordWriter {
 public:
  // The file must not exist yet.
  static absl::StatusOr<RecordWriter> Create(const std::string& path);

  // One that is there, to go on behind its last whole record: what comes after that is cut off, and
  // the file as it was kept beside it, as PATH.damaged. FailedPrecondition while another writer has
  // it, on this host.
  static absl::StatusOr<RecordWriter> Reopen(const std::string& path);

  // The record is in the file, though perhaps not on the disk, when this returns OK. After an error
  // (a full disk) the file is cut back to its last whole record, and every later call gives the
  // same error: a record that is missing in the middle would be silent. INVALID_ARGUMENT for a
  // record larger than kMaxRecordBytes; that one harms nothing.
  absl::Status AppendRecord(absl::string_view record);

  // Returns when all records are on the disk.
  absl::Status Sync();

  const std::string& path() const { return path_; }

 private:
  RecordWriter(std::string path, FileDescriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  absl::Status Append(absl::string_view bytes);

  std::string path_;
  FileDescriptor file_;
  int64_t size_ = 0;
  // Nothing was appended since it was last on the disk.
  bool synced_ = false;
  absl::Status first_error_;
};

// Movable. One thread at a time. The file may be written to meanwhile; what is not whole yet then
// looks like damage.
class RecordReader {
 public:
  struct Damage {
    // Where the first record begins that cannot be read.
    int64_t at_byte = 0;
    std::string reason;
  };

  static absl::StatusOr<RecordReader> Open(const std::string& path);

  // True, and the next record; or false at the end of the file or at the damage. An error only if
  // the file cannot be read at all.
  absl::StatusOr<bool> Next(std::string* record);

  // How much of the file is known to be whole: up to the end of what Next gave last.
  int64_t intact_bytes() const { return offset_; }

  // Set once Next has come upon something that is not a whole record.
  const std::optional<Damage>& damage() const { return damage_; }

 private:
  RecordReader(std::string path, FileDescriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  // Reads `size` bytes, or fewer at the end of the file.
  absl::Status Read(size_t size, std::string* bytes);
  bool NoteDamage(std::string reason);

  std::string path_;
  FileDescriptor file_;
  // Read from the file, but not yet by Next.
  std::string buffer_;
  size_t buffer_at_ = 0;
  // Where the next record begins.
  int64_t offset_ = 0;
  std::optional<Damage> damage_;
};

}  // namespace drumline

#endif  // CONTROLLER_BUNDLE_RECORD_FILE_H_
