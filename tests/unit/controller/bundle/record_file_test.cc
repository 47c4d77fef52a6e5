#include "controller/bundle/record_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "controller/bundle/posix_file.h"

namespace drumline {
namespace {

constexpr size_t kMagicBytes = 8;
constexpr size_t kFrameBytes = 8;

std::string FreshPath() {
  static int number = 0;
  return testing::TempDir() + "/records-" + std::to_string(getpid()) + "-" +
         std::to_string(++number);
}

void Overwrite(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string BytesOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string WriteFileOf(const std::vector<std::string>& records) {
  const std::string path = FreshPath();
  auto writer = RecordWriter::Create(path);
  EXPECT_TRUE(writer.ok()) << writer.status();
  for (const std::string& record : records) EXPECT_TRUE(writer->AppendRecord(record).ok());
  EXPECT_TRUE(writer->Sync().ok());
  return path;
}

struct Contents {
  std::vector<std::string> records;
  std::optional<RecordReader::Damage> damage;
};

Contents ReadAll(const std::string& path) {
  auto reader = RecordReader::Open(path);
  EXPECT_TRUE(reader.ok()) << reader.status();
  Contents contents;
  std::string record;
  while (true) {
    const auto more = reader->Next(&record);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) break;
    contents.records.push_back(record);
  }
  contents.damage = reader->damage();
  return contents;
}

const std::vector<std::string> kRecords = {"first", "", std::string("\0\1\2\0", 4), "the last one"};

TEST(RecordFile, ReturnsWhatWasAppended) {
  const Contents contents = ReadAll(WriteFileOf(kRecords));
  EXPECT_EQ(contents.records, kRecords);
  EXPECT_FALSE(contents.damage);
}

TEST(RecordFile, WithoutARecordIsIntact) {
  const Contents contents = ReadAll(WriteFileOf({}));
  EXPECT_TRUE(contents.records.empty());
  EXPECT_FALSE(contents.damage);
}

TEST(RecordFile, HasTheDocumentedFormat) {
  // The checksum of "\x09\0\0\0" "123456789" with the polynomial of zlib, computed bit by bit.
  const std::string covered = std::string("\x09\0\0\0", 4) + "123456789";
  uint32_t crc = ~0u;
  for (unsigned char byte : covered) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
  }
  crc = ~crc;
  std::string expected = "DRUMREC1" + covered.substr(0, 4);
  for (int i = 0; i < 4; ++i) expected.push_back(static_cast<char>(crc >> (8 * i)));
  expected += "123456789";
  EXPECT_EQ(BytesOf(WriteFileOf({"123456789"})), expected);
}

TEST(RecordFile, TruncatedAtAnyByteKeepsEveryWholeRecord) {
  const std::string whole = BytesOf(WriteFileOf(kRecords));
  std::vector<size_t> ends = {kMagicBytes};
  for (const std::string& record : kRecords) {
    ends.push_back(ends.back() + kFrameBytes + record.size());
  }
  ASSERT_EQ(ends.back(), whole.size());
  const std::string path = FreshPath();
  for (size_t size = 0; size <= whole.size(); ++size) {
    Overwrite(path, whole.substr(0, size));
    const Contents contents = ReadAll(path);
    size_t kept = 0;
    while (kept < kRecords.size() && ends[kept + 1] <= size) ++kept;
    ASSERT_EQ(contents.records,
              std::vector<std::string>(kRecords.begin(),
                                       kRecords.begin() + static_cast<std::ptrdiff_t>(kept)))
        << size;
    const bool at_a_boundary = size >= kMagicBytes && ends[kept] == size;
    ASSERT_EQ(contents.damage.has_value(), !at_a_boundary) << size;
    if (contents.damage) {
      const size_t begins = size < kMagicBytes ? 0 : ends[kept];
      ASSERT_EQ(contents.damage->at_byte, static_cast<int64_t>(begins)) << size;
    }
  }
}

TEST(RecordFile, AnyFlippedBitIsFoundAndWhatIsBeforeItIsKept) {
  const std::string whole = BytesOf(WriteFileOf(kRecords));
  const std::string path = FreshPath();
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string broken = whole;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << (bit % 8)));
    Overwrite(path, broken);
    const Contents contents = ReadAll(path);
    ASSERT_TRUE(contents.damage) << bit;
    ASSERT_LE(contents.damage->at_byte, static_cast<int64_t>(bit / 8));
    ASSERT_LT(contents.records.size(), kRecords.size());
    for (size_t i = 0; i < contents.records.size(); ++i) {
      ASSERT_EQ(contents.records[i], kRecords[i]);
    }
  }
}

TEST(RecordFile, AZeroedTailIsDamage) {
  const std::string path = WriteFileOf(kRecords);
  const std::string whole = BytesOf(path);
  Overwrite(path, whole + std::string(4096, '\0'));
  const Contents contents = ReadAll(path);
  EXPECT_EQ(contents.records, kRecords);
  ASSERT_TRUE(contents.damage);
  EXPECT_EQ(contents.damage->at_byte, static_cast<int64_t>(whole.size()));
}

TEST(RecordFile, ManyRecordsLargerThanTheBuffer) {
  std::mt19937_64 random(1);
  std::vector<std::string> records;
  for (int i = 0; i < 40; ++i) {
    records.emplace_back(random() % 100'000, static_cast<char>('a' + i % 26));
  }
  records.emplace_back(1'000'000, 'z');
  const Contents contents = ReadAll(WriteFileOf(records));
  EXPECT_TRUE(contents.records == records);
  EXPECT_FALSE(contents.damage);
}

TEST(RecordFile, SomethingElseIsNotMistakenForRecords) {
  const std::string path = FreshPath();
  Overwrite(path, "name: echo\ntarget: {service: echo}\n");
  const Contents contents = ReadAll(path);
  EXPECT_TRUE(contents.records.empty());
  ASSERT_TRUE(contents.damage);
  EXPECT_EQ(contents.damage->at_byte, 0);
}

TEST(RecordFile, ARecordBeyondTheLimitIsRefusedAndHarmsNothing) {
  const std::string path = FreshPath();
  auto writer = RecordWriter::Create(path);
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ(writer->AppendRecord(std::string(kMaxRecordBytes + 1, 'x')).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(writer->AppendRecord("small").ok());
  EXPECT_EQ(ReadAll(path).records, std::vector<std::string>{"small"});
}

TEST(RecordFile, IsNeverCreatedOverAnotherOne) {
  const std::string path = WriteFileOf({"precious"});
  EXPECT_EQ(RecordWriter::Create(path).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadAll(path).records, std::vector<std::string>{"precious"});
  EXPECT_EQ(RecordReader::Open(path + ".missing").status().code(), absl::StatusCode::kNotFound);
}

// The size of files that this process writes is limited for the lifetime of the object: the way to
// fill a disk without filling one.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

TEST(RecordFile, AFullDiskIsAnErrorThatStaysAndLeavesWholeRecords) {
  const std::string path = FreshPath();
  auto writer = RecordWriter::Create(path);
  ASSERT_TRUE(writer.ok());
  std::vector<std::string> kept;
  absl::Status status;
  {
    FullDisk full(1'000);
    while (status.ok() && kept.size() < 100) {
      status = writer->AppendRecord(std::string(90, 'r'));
      if (status.ok()) kept.emplace_back(90, 'r');
    }
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(absl::StrContains(status.message(), path)) << status;
  EXPECT_EQ(kept.size(), (1'000 - kMagicBytes) / (90 + kFrameBytes));
  // There is room again, but a record is missing: the writer does not go on as if it were not.
  EXPECT_EQ(writer->AppendRecord("more"), status);
  EXPECT_EQ(writer->Sync(), status);
  const Contents contents = ReadAll(path);
  EXPECT_EQ(contents.records, kept);
  EXPECT_FALSE(contents.damage);
}

// Wherever the power went: what was whole stays, what is appended follows it, and the file as it
// was is kept.
TEST(RecordFile, ReopenedAfterATruncationAtAnyByteGoesOnBehindTheLastWholeRecord) {
  const std::string whole = BytesOf(WriteFileOf(kRecords));
  for (size_t size = 0; size <= whole.size(); ++size) {
    const std::string path = FreshPath();
    Overwrite(path, whole.substr(0, size));
    const Contents before = ReadAll(path);
    {
      auto writer = RecordWriter::Reopen(path);
      ASSERT_TRUE(writer.ok()) << size << ": " << writer.status();
      ASSERT_TRUE(writer->AppendRecord("after").ok());
      ASSERT_TRUE(writer->Sync().ok());
    }
    std::vector<std::string> expected = before.records;
    expected.emplace_back("after");
    const Contents after = ReadAll(path);
    EXPECT_EQ(after.records, expected) << size;
    EXPECT_FALSE(after.damage) << size;
    EXPECT_EQ(std::filesystem::exists(path + ".damaged"), before.damage.has_value()) << size;
    if (before.damage) {
      EXPECT_EQ(BytesOf(path + ".damaged"), whole.substr(0, size));
    }
  }
}

TEST(RecordFile, HasOneWriterAtATime) {
  const std::string path = FreshPath();
  {
    auto writer = RecordWriter::Create(path);
    ASSERT_TRUE(writer.ok());
    const absl::Status second = RecordWriter::Reopen(path).status();
    EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(absl::StrContains(second.message(), "another controller is writing to it"));
  }
  EXPECT_TRUE(RecordWriter::Reopen(path).ok());
}

TEST(PosixFile, SaysWhatToDoAboutAFullDisk) {
  auto full = OpenFile("/dev/full", O_WRONLY);
  ASSERT_TRUE(full.ok());
  const absl::Status status = WriteAll(*full, "results/a/plan.json", "{}");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(),
            "cannot write results/a/plan.json: No space left on device; free some space, or choose "
            "another directory with --results");
}

TEST(PosixFile, AnAtomicWriteThatFailsLeavesTheOldFile) {
  const std::string path = FreshPath();
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  {
    FullDisk full(100);
    EXPECT_FALSE(WriteFileAtomically(path, std::string(1'000, 'n')).ok());
  }
  EXPECT_EQ(BytesOf(path), "old");
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
  ASSERT_TRUE(WriteFileAtomically(path, "new").ok());
  EXPECT_EQ(BytesOf(path), "new");
}

TEST(PosixFile, AFileLargerThanTheLimitIsNotRead) {
  const std::string path = FreshPath();
  Overwrite(path, "12345");
  EXPECT_EQ(*ReadWholeFile(path, 5), "12345");
  EXPECT_EQ(ReadWholeFile(path, 4).status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace drumline
