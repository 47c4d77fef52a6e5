#include "tests/integration/users/postgres_under_test.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace drumline::target {
namespace {

namespace fs = std::filesystem;

// Where Debian keeps them, for the newest version that is installed.
std::string Programs() {
  std::string newest;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    const fs::path programs = entry.path() / "bin";
    if (!fs::exists(programs / "initdb") || !fs::exists(programs / "postgres")) continue;
    if (newest.size() < programs.string().size() || newest < programs.string()) {
      newest = programs.string();
    }
  }
  return newest;
}

// Null where the test is not root and can run PostgreSQL itself.
const passwd* OtherUser() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
}

void BecomeOtherUser() {
  const passwd* user = OtherUser();
  if (user == nullptr) return;
  if (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) {
    std::perror("become another user");
    _exit(127);
  }
}

}  // namespace

bool PostgresUnderTest::Installed() { return !Programs().empty(); }

PostgresUnderTest::PostgresUnderTest() {
  // Not in the test's own directory: another user may not see it, and the path of a socket is
  // short.
  std::string pattern = "/tmp/drumline-postgres-XXXXXX";
  directory_ = mkdtemp(pattern.data());
  const passwd* user = OtherUser();
  if (user != nullptr && chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0) std::abort();
  const std::string log = directory_ + "/initdb.log";
  const int output = open(log.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const pid_t initdb = Spawn({Programs() + "/initdb", "-D", directory_ + "/data", "-U", "test",
                              "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"},
                             output);
  close(output);
  int status = 0;
  waitpid(initdb, &status, 0);
  EXPECT_EQ(status, 0) << "initdb failed; see " << log;
  Start();
}

PostgresUnderTest::~PostgresUnderTest() {
  Stop();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

pid_t PostgresUnderTest::Spawn(const std::vector<std::string>& command, int output) const {
  const pid_t child = fork();
  if (child != 0) return child;
  BecomeOtherUser();
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (chdir(directory_.c_str()) != 0) _exit(127);
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execv(arguments.front(), arguments.data());
  _exit(127);
}

void PostgresUnderTest::Start() {
  int output[2];
  if (pipe2(output, O_CLOEXEC) != 0) std::abort();
  server_ = Spawn({Programs() + "/postgres", "-D", directory_ + "/data", "-k", directory_, "-c",
                   "listen_addresses=", "-c", "fsync=off", "-c", "log_min_messages=warning"},
                  output[1]);
  close(output[1]);
  // "ready to accept connections" is said at the level LOG, whatever log_min_messages.
  FILE* lines = fdopen(output[0], "r");
  char line[1024];
  bool ready = false;
  std::string said;
  while (!ready && std::fgets(line, sizeof(line), lines) != nullptr) {
    said += line;
    ready = said.find("ready to accept connections") != std::string::npos;
  }
  EXPECT_TRUE(ready) << said;
  // It must not be stopped by a pipe that nobody reads.
  reader_ = std::thread([lines] {
    char rest[1024];
    while (std::fgets(rest, sizeof(rest), lines) != nullptr) {
    }
    std::fclose(lines);
  });
}

void PostgresUnderTest::Stop() {
  if (server_ < 0) return;
  kill(server_, SIGQUIT);  // An immediate shutdown, without a word to anybody.
  waitpid(server_, nullptr, 0);
  server_ = -1;
  reader_.join();
}

std::string PostgresUnderTest::UrlOf(const std::string& database) const {
  return "host=" + directory_ + " user=test dbname=" + database;
}

std::string PostgresUnderTest::url(const std::string& database) {
  Psql psql(UrlOf("postgres"));
  if (psql.Do("SELECT 1 FROM pg_database WHERE datname = '" + database + "'").empty()) {
    psql.Do("CREATE DATABASE " + database);
  }
  return UrlOf(database);
}

Psql::Psql(const std::string& url) : connection_(PQconnectdb(url.c_str()), PQfinish) {
  EXPECT_EQ(PQstatus(connection_.get()), CONNECTION_OK) << PQerrorMessage(connection_.get());
}

std::string Psql::Do(const std::string& sql) {
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
      PQexec(connection_.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  EXPECT_TRUE(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
      << sql << ": " << PQresultErrorMessage(result.get());
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

}  // namespace drumline::target
