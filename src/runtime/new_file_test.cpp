#include "runtime/new_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <stdlib.h>
#include <string>

namespace fc {
namespace {

namespace fs = std::filesystem;

struct NewFileTest : testing::Test {
    NewFileTest() {
        auto name = (fs::temp_directory_path() / "fc-new-file-XXXXXX").string();
        folder = mkdtemp(name.data());
        place = folder / "a";
    }
    ~NewFileTest() override { fs::remove_all(folder); }

    static void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }
    std::string read() const {
        std::string text;
        std::getline(std::ifstream(place), text);
        return text;
    }
    std::ptrdiff_t files() const {
        return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
    }

    fs::path folder;
    fs::path place;
};

TEST_F(NewFileTest, TakesItsPlaceWhenItIsKept) {
    write(place, "old");
    NewFile made(place);
    write(made.path(), "new");
    EXPECT_EQ(read(), "old");
    made.keep();
    EXPECT_EQ(read(), "new");
    EXPECT_EQ(files(), 1);
}

TEST_F(NewFileTest, GoesWithItsCompanionsWhenItIsNot) {
    write(place, "old");
    {
        const NewFile made(place);
        write(made.path(), "new");
        write(made.path().string() + "-journal", "j");
    }
    EXPECT_EQ(read(), "old");
    EXPECT_EQ(files(), 1);
}

TEST_F(NewFileTest, ReplacesWhatADeadProcessHasLeft) {
    write(place.string() + ".part", "left by another");
    const NewFile made(place);
    EXPECT_FALSE(fs::exists(made.path()));
}

}  // namespace
}  // namespace fc
