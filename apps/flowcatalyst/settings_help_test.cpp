#include "settings_help.h"

#include "settings.h"

#include <gtest/gtest.h>

namespace {

TEST(SettingHelp, EachSettingHasItsMeaningAndNothingElseHas) {
    std::vector<std::string> described;
    for (const auto& setting : fc::codec::load_settings<fc::app::Settings>({}).value().list)
        described.push_back(setting.variable);
    std::vector<std::string> explained;
    for (const auto& help : fc::app::setting_helps()) {
        explained.emplace_back(help.variable);
        EXPECT_NE(help.meaning, "") << help.variable;
    }
    EXPECT_EQ(explained, described);
}

TEST(SettingHelp, MarkdownHasARowForEachSetting) {
    const auto page = fc::app::settings_markdown();
    EXPECT_NE(page.find("| `HTTP_PORT` | `http.port` | `8080` | Port"), page.npos) << page;
    EXPECT_NE(page.find("| `STORE_PATH` | `store_path` |  | The store's file"), page.npos) << page;
}

}  // namespace
