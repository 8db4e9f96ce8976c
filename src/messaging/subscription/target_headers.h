#pragma once

#include "base/error.h"
#include "codec/json.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fc::messaging {

/// What a subscription or a job adds to the header of its requests: at most `headers_max`, none that the
/// product or HTTP itself sets. Answers mask the values of those whose names speak of secrets.
struct TargetHeaders : std::map<std::string, std::string> {
    static constexpr std::size_t headers_max = 50;
    static constexpr std::size_t value_bytes_max = 4'096;
};

/// Whether the value of a header of that name is a secret: its name has auth, token, secret, key, password,
/// cookie or credential in it, in any case.
bool is_secret_header(std::string_view name);

/// Gives headers that came as answers show them, masked, the values that are stored; reports those without
/// one below "/headers".
void unmask(TargetHeaders& given, const TargetHeaders& stored, std::vector<FieldError>& faults);

}  // namespace fc::messaging

namespace fc::codec {

template <>
struct Traits<messaging::TargetHeaders> {
    static constexpr std::string_view schema =
        R"({"type":"object","maxProperties":50,"additionalProperties":{"type":"string"}})";

    static void read(JsonValue in, messaging::TargetHeaders& out, const Place& at);
    static void write(JsonWriter& out, const messaging::TargetHeaders& value);
};

}  // namespace fc::codec
