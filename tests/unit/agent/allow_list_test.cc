#include "agent/allow_list.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace drumline {
namespace {

bool Allows(const AllowList& list, const std::string& address, uint16_t port) {
  return list.Allows(boost::asio::ip::make_address(address), port);
}

TEST(AllowList, AllowsLoopbackAloneUnlessToldOtherwise) {
  const AllowList list;
  EXPECT_TRUE(Allows(list, "127.0.0.1", 80));
  EXPECT_TRUE(Allows(list, "127.255.255.255", 65535));
  EXPECT_TRUE(Allows(list, "::1", 8080));
  EXPECT_FALSE(Allows(list, "128.0.0.1", 80));
  EXPECT_FALSE(Allows(list, "126.255.255.255", 80));
  EXPECT_FALSE(Allows(list, "10.0.0.1", 80));
  EXPECT_FALSE(Allows(list, "::2", 80));
  EXPECT_FALSE(Allows(list, "0.0.0.0", 80));
  EXPECT_FALSE(Allows(list, "::", 80));
  // An IPv4 address in IPv6's clothes is another address.
  EXPECT_FALSE(Allows(list, "::ffff:10.0.0.1", 80));
}

TEST(AllowList, KeepsToItsEntries) {
  struct Row {
    const char* entry;
    const char* address;
    uint16_t port;
    bool allowed;
  };
  const std::vector<Row> rows = {
      {"10.0.1.7", "10.0.1.7", 1, true},
      {"10.0.1.7", "10.0.1.7", 65535, true},
      {"10.0.1.7", "10.0.1.6", 1, false},
      {"10.0.1.7", "127.0.0.1", 1, false},
      {"10.0.1.7:80", "10.0.1.7", 80, true},
      {"10.0.1.7:80", "10.0.1.7", 81, false},
      {"10.0.1.0/24", "10.0.1.255", 9, true},
      {"10.0.1.0/24", "10.0.2.0", 9, false},
      {"10.0.1.99/24", "10.0.1.1", 9, true},
      {"10.0.1.0/24:8080", "10.0.1.3", 8080, true},
      {"10.0.1.0/24:8080", "10.0.1.3", 8081, false},
      {"10.0.1.0/24:8080", "10.0.2.3", 8080, false},
      {"10.0.0.0/15", "10.1.255.255", 9, true},
      {"10.0.0.0/15", "10.2.0.0", 9, false},
      {"10.0.0.128/25", "10.0.0.127", 9, false},
      {"10.0.0.128/25", "10.0.0.128", 9, true},
      {"10.0.0.1/32", "10.0.0.1", 9, true},
      {"10.0.0.1/32", "10.0.0.0", 9, false},
      {"0.0.0.0/0", "203.0.113.9", 9, true},
      {"0.0.0.0/0", "2001:db8::1", 9, false},
      {"::/0", "2001:db8::1", 9, true},
      {"::/0", "203.0.113.9", 9, false},
      {"2001:db8::1", "2001:db8::1", 9, true},
      {"2001:db8::1", "2001:db8::2", 9, false},
      {"2001:db8::/33", "2001:db8:7fff::1", 9, true},
      {"2001:db8::/33", "2001:db8:8000::1", 9, false},
      {"[2001:db8::1]:80", "2001:db8::1", 80, true},
      {"[2001:db8::1]:80", "2001:db8::1", 81, false},
      {"[2001:db8::1]", "2001:db8::1", 81, true},
      {"[2001:db8::]/32", "2001:db8::77", 81, true},
      {"[2001:db8::]/32:81", "2001:db8::77", 81, true},
      {"[2001:db8::]/32:81", "2001:db8::77", 82, false},
  };
  for (const Row& row : rows) {
    const absl::StatusOr<AllowList> list = AllowList::Parse({row.entry});
    ASSERT_TRUE(list.ok()) << row.entry << ": " << list.status();
    EXPECT_EQ(Allows(*list, row.address, row.port), row.allowed)
        << row.entry << " " << row.address << " " << row.port;
  }
}

TEST(AllowList, AnyEntryMayAllow) {
  const AllowList list = *AllowList::Parse({"10.0.0.1:80", "10.0.0.2:81"});
  EXPECT_TRUE(Allows(list, "10.0.0.1", 80));
  EXPECT_TRUE(Allows(list, "10.0.0.2", 81));
  EXPECT_FALSE(Allows(list, "10.0.0.1", 81));
  EXPECT_FALSE(Allows(list, "127.0.0.1", 80)) << "what is given replaces the default";
  EXPECT_EQ(list.ToString(), "10.0.0.1:80, 10.0.0.2:81");
}

TEST(AllowList, ANameAllowsThatNameAndNoAddress) {
  const AllowList list = *AllowList::Parse({"Target.lab:8080", "localhost"});
  EXPECT_TRUE(list.AllowsName("target.lab", 8080));
  EXPECT_TRUE(list.AllowsName("TARGET.LAB", 8080));
  EXPECT_FALSE(list.AllowsName("target.lab", 8081));
  EXPECT_TRUE(list.AllowsName("localhost", 1));
  EXPECT_FALSE(list.AllowsName("target.lab.evil", 8080));
  EXPECT_FALSE(list.AllowsName("evil.target.lab", 8080));
  EXPECT_FALSE(list.AllowsName("", 8080));
  EXPECT_FALSE(Allows(list, "127.0.0.1", 8080));
  EXPECT_FALSE(Allows(list, "0.0.0.0", 8080));
  // An entry with an address allows no name, whatever the name may stand for.
  EXPECT_FALSE(AllowList::Parse({"127.0.0.1", "0.0.0.0/0"})->AllowsName("", 80));
  EXPECT_FALSE(AllowList::Parse({"127.0.0.1"})->AllowsName("127.0.0.1", 80));
}

TEST(AllowList, NothingIsAllowedByAnEmptyList) {
  EXPECT_FALSE(Allows(*AllowList::Parse({}), "127.0.0.1", 80));
}

TEST(AllowList, RefusesWhatIsNoEntry) {
  for (const char* entry : {"",
                            " ",
                            "example..com",
                            ".com",
                            "com.",
                            "-x.com",
                            "a_b.com:80",
                            "example.com:",
                            "example.com:0",
                            "example.com/8",
                            "10.0.0.1.7",
                            "10.0.0",
                            "10.0.0.256",
                            "10.0.0.1/33",
                            "10.0.0.1/-1",
                            "10.0.0.1/",
                            "10.0.0.1/8x",
                            "10.0.0.1/ 8",
                            "10.0.0.1/+8",
                            "10.0.0.1:",
                            "10.0.0.1:0",
                            "10.0.0.1:65536",
                            "10.0.0.1:http",
                            "10.0.0.1: 80",
                            "10.0.0.1:+80",
                            "10.0.0.1:80:81",
                            ":80",
                            "/8",
                            "[::1",
                            "::1]",
                            "[]",
                            "[]:80",
                            "[::1]:",
                            "[::1]:0",
                            "::1/129",
                            "10.0.0.1,10.0.0.2",
                            " 10.0.0.1",
                            "10.0.0.1:80/8"}) {
    const absl::StatusOr<AllowList> list = AllowList::Parse({"127.0.0.1", entry});
    EXPECT_FALSE(list.ok()) << "`" << entry << "`";
  }
}

}  // namespace
}  // namespace drumline
