#include "runtime/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace fc::config_test {

struct HttpConfig {
    Bounded<1, 65535> port = 8080;
    std::vector<std::string> cors_origins;
};
BOOST_DESCRIBE_STRUCT(HttpConfig, (), (port, cors_origins))

struct Config {
    std::string data_dir = "./data";
    HttpConfig http;
};
BOOST_DESCRIBE_STRUCT(Config, (), (data_dir, http))

}  // namespace fc::config_test

namespace fc {
namespace {

/// A scratch directory as the working directory, and no file named by the environment.
class ConfigFile : public ::testing::Test {
protected:
    ConfigFile() {
        auto name = (std::filesystem::temp_directory_path() / "fc-config-XXXXXX").string();
        directory_ = mkdtemp(name.data());
        std::filesystem::current_path(directory_);
        unsetenv("FLOWCATALYST_CONFIG");
    }
    ~ConfigFile() override {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(directory_);
        unsetenv("FLOWCATALYST_CONFIG");
        unsetenv("HTTP_PORT");
    }
    static void write(const std::filesystem::path& path, const std::string& text) {
        if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
        std::ofstream{path} << text;
    }
    static std::string fault(const std::string& text) {
        write("bad.toml", text);
        const auto read = read_config_file("bad.toml");
        return read ? "accepted" : read.error().code + " " + read.error().detail;
    }

private:
    std::filesystem::path before_ = std::filesystem::current_path();
    std::filesystem::path directory_;
};

TEST_F(ConfigFile, ValuesAreTextByDottedKey) {
    write(
        "a.toml",
        "data_dir = '/d'\nratio = 0.5\n[http]\nport = 81\nopen = true\ncors_origins = ['a', 'b']\n");
    const auto texts = read_config_file("a.toml").value();
    const std::map<std::string, std::string> expected{
        {"data_dir", "/d"},
        {"ratio", "0.5"},
        {"http.port", "81"},
        {"http.open", "true"},
        {"http.cors_origins", "a,b"}};
    EXPECT_EQ(texts, expected);
}

TEST_F(ConfigFile, FaultsNameFileAndLine) {
    EXPECT_TRUE(fault("a = 1\nb = = 2\n").starts_with("INVALID_CONFIG_FILE bad.toml: line 2: "));
    EXPECT_TRUE(fault("a = 1\na = 2\n").starts_with("INVALID_CONFIG_FILE bad.toml: line 2: "));
    EXPECT_TRUE(
        fault("[x]\nday = 2026-01-31\n").starts_with("INVALID_CONFIG_FILE bad.toml: line 2: x.day must be"));
    EXPECT_TRUE(fault("list = ['a,b']\n").starts_with("INVALID_CONFIG_FILE bad.toml: line 1: list must be"));
    EXPECT_EQ(
        read_config_file("none.toml").error().detail, "none.toml: cannot be read: No such file or directory");
    EXPECT_EQ(fault(std::string(1'048'577, '#')), "INVALID_CONFIG_FILE bad.toml: is larger than 1 MiB");
}

TEST_F(ConfigFile, WhatIsNoTomlIsAFaultOfItsLine) {
    for (const auto* line : {"[`]", "[[!a]]", "[", "\u039d = 1", "b = 1'\u039d'", "b = 2026-01-3= 1"}) {
        const auto said = fault(std::string("a = 1\n") + line + "\n");
        EXPECT_TRUE(said.starts_with("INVALID_CONFIG_FILE bad.toml: line 2: ")) << line << ": " << said;
        EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    }
    EXPECT_EQ(fault("a = [\n  'x',\n  '\u039d' ] # \u039d\n[ b ]\n['c']\nx = 1"), "accepted");
}

TEST_F(ConfigFile, IsFoundInOrderUnlessNamed) {
    write("config/application.toml", "");
    EXPECT_EQ(find_config_file({}), "./config/application.toml");
    write("flowcatalyst.toml", "");
    EXPECT_EQ(find_config_file({{"FLOWCATALYST_CONFIG", " "}}), "flowcatalyst.toml");
    write("config.toml", "");
    EXPECT_EQ(find_config_file({}), "config.toml");
    EXPECT_EQ(find_config_file({{"FLOWCATALYST_CONFIG", "other.toml"}}), "other.toml");
}

TEST_F(ConfigFile, NamedFileMustExist) {
    setenv("FLOWCATALYST_CONFIG", "other.toml", 1);
    EXPECT_EQ(load_config<config_test::Config>().error().code, "INVALID_CONFIG_FILE");
}

TEST_F(ConfigFile, EnvironmentWinsOverFile) {
    write("config.toml", "data_dir = '/file'\n[http]\nport = 81\ncors_origins = ['http://a', 'http://b']\n");
    setenv("HTTP_PORT", "82", 1);
    const auto settings = load_config<config_test::Config>().value();
    EXPECT_EQ(settings.value.http.port.value(), 82);
    EXPECT_EQ(settings.value.data_dir, "/file");
    EXPECT_EQ(settings.value.http.cors_origins, (std::vector<std::string>{"http://a", "http://b"}));
}

}  // namespace
}  // namespace fc
