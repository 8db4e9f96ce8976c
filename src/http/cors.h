#pragma once

#include "base/error.h"
#include "http/request_head.h"

#include <string>
#include <string_view>
#include <vector>

namespace fc::http {

/// Which pages of other origins may call us from a browser (the Fetch standard's CORS protocol).
class Cors {
public:
    /// Nobody may.
    Cors() = default;
    /// Each entry is an origin ("https://app.example.com"), with at most one `*` for a part of its host, or
    /// `*` alone: then every origin may, but without credentials. `*` beside other entries is an error.
    static Result<Cors> parse(const std::vector<std::string>& origins);

    bool allows(std::string_view origin) const;
    /// Writes the header lines that answer a request of `head.origin`.
    void append_headers(std::string& out, const RequestHead& head) const;
    /// An OPTIONS request that asks whether another request may follow.
    static bool is_preflight(const RequestHead& head);

private:
    std::vector<std::string> origins_;
    bool any_ = false;
};

}  // namespace fc::http
