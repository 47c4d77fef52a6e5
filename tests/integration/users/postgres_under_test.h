// A real PostgreSQL of the test's own: a data directory under /tmp, a Unix socket in it and no
// port, gone with the test.
//
//   if (!PostgresUnderTest::Installed()) GTEST_SKIP() << "PostgreSQL is not installed";
//   PostgresUnderTest postgres;                // Accepts connections.
//   ServiceUnderTest users({"--database-url", postgres.url("test")}, kUsers);
//   postgres.Stop();                           // As a crash: connections break, data stay.
//   postgres.Start();
//
// PostgreSQL refuses to run as root, so that it runs as the user postgres (or nobody) where the
// test is root. Everything blocks; a test that would wait for ever is ended by the test runner.
#ifndef TESTS_INTEGRATION_USERS_POSTGRES_UNDER_TEST_H_
#define TESTS_INTEGRATION_USERS_POSTGRES_UNDER_TEST_H_

#include <postgresql/libpq-fe.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace drumline::target {

class PostgresUnderTest {
 public:
  // Debian's programs are there.
  static bool Installed();

  PostgresUnderTest();
  ~PostgresUnderTest();
  PostgresUnderTest(const PostgresUnderTest&) = delete;
  PostgresUnderTest& operator=(const PostgresUnderTest&) = delete;

  void Start();
  void Stop();

  // Makes the database if it is not there.
  std::string url(const std::string& database);

 private:
  std::string UrlOf(const std::string& database) const;
  // Started as the user that may run PostgreSQL; stdout and stderr go to `output`.
  pid_t Spawn(const std::vector<std::string>& command, int output) const;

  std::string directory_;
  pid_t server_ = -1;
  std::thread reader_;
};

// A connection of the test's own. What fails is a failure of the test.
class Psql {
 public:
  explicit Psql(const std::string& url);

  // The first column of the first row, or "".
  std::string Do(const std::string& sql);

 private:
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

}  // namespace drumline::target

#endif  // TESTS_INTEGRATION_USERS_POSTGRES_UNDER_TEST_H_
