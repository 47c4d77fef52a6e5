// A request as a service sees it: views into the connection's input buffer, no copy.
//
//   void Answer(const Request& request, ResponseWriter& writer) {
//     if (request.Field("content-type") != "application/json") ...
//     Parse(request.body());
//   }
//
// Ownership: a Request owns nothing. Its views are valid until the service callback returns.
// Threads: used on the event loop that received it.
// Errors: none; what the parser refuses never becomes a Request.
#ifndef TARGET_SERVICES_HTTP_SERVER_REQUEST_H_
#define TARGET_SERVICES_HTTP_SERVER_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace drumline::target {

// Methods that a route may name; every other token is kOther and is answered 501.
enum class Method : uint8_t { kGet, kHead, kPost, kPut, kDelete, kPatch, kOptions, kOther };
inline constexpr size_t kMethodCount = 8;

// The method's token, or "other".
std::string_view MethodName(Method method);
// Methods are case-sensitive: "get" is kOther.
Method MethodFromToken(std::string_view token);

// Offsets from the first byte of the message, so that a buffer may move while a message grows.
struct ByteRange {
  uint32_t begin = 0;
  uint32_t end = 0;

  size_t size() const { return end - begin; }
  std::string_view In(const char* bytes) const { return {bytes + begin, size()}; }
};

struct FieldRange {
  ByteRange name;
  ByteRange value;  // Without the white space around it.
};

// What the parser learns from the request line and the header fields.
struct RequestHead {
  Method method = Method::kOther;
  int minor_version = 1;  // HTTP/1.x
  ByteRange path;         // Of the target, up to the question mark; never decoded.
  ByteRange query;        // After the question mark; empty where there is none.
  std::vector<FieldRange> fields;
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;
};

class Request {
 public:
  // `bytes` is the first byte of the message that `head` and `body` describe.
  Request(const char* bytes, const RequestHead& head, ByteRange body)
      : bytes_(bytes), head_(head), body_(body) {}

  Method method() const { return head_.method; }
  std::string_view path() const { return head_.path.In(bytes_); }
  std::string_view query() const { return head_.query.In(bytes_); }
  // The segment that stands where the route's path has {name}; never decoded.
  std::string_view path_parameter() const { return path_parameter_; }
  int minor_version() const { return head_.minor_version; }
  bool keep_alive() const { return head_.keep_alive; }
  // The whole body, chunks already joined.
  std::string_view body() const { return body_.In(bytes_); }
  // The value of the first field of that name, whatever its case.
  std::optional<std::string_view> Field(std::string_view name) const;

  Request WithPathParameter(std::string_view parameter) const {
    Request with = *this;
    with.path_parameter_ = parameter;
    return with;
  }

 private:
  const char* bytes_;
  const RequestHead& head_;
  ByteRange body_;
  std::string_view path_parameter_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_REQUEST_H_
