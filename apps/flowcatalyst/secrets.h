#pragma once

#include "base/vocabulary.h"

#include <filesystem>
#include <string>

namespace fc::app {

/// The secret in a file of mode 0600; made from 32 random bytes when there is none.
Secret load_or_make_secret(const std::filesystem::path& file);

/// Writes a secret into a file of mode 0600, durably, instead of what is there.
void write_secret(const std::filesystem::path& file, const std::string& secret);

}  // namespace fc::app
