#pragma once

#include "base/vocabulary.h"

#include <filesystem>

namespace fc::app {

/// The secret in a file of mode 0600; made from 32 random bytes when there is none.
Secret load_or_make_secret(const std::filesystem::path& file);

}  // namespace fc::app
