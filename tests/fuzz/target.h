#pragma once

#include <string_view>

namespace fc::fuzz {

/// What a fuzz target defines: does with the input what the product does with such bytes, and checks by
/// FC_ASSERT what must hold. An exception is a finding, too.
void run(std::string_view input);

}  // namespace fc::fuzz
