#include "store/embedded/sqlite.h"

#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

namespace fc::store::sqlite {
namespace {

class SqliteStatement : public ::testing::Test {
protected:
    void insert(std::int64_t id, std::string_view name) { insert_.bind(id, name).run(); }

    Connection connection_ = with_table();
    Statement insert_{connection_, "insert into t (id, name) values (?, ?)"};

private:
    static Connection with_table() {
        Connection connection(":memory:", Access::read_write);
        connection.exec("create table t (id integer primary key, name text not null)");
        return connection;
    }
};

TEST_F(SqliteStatement, IsBoundAgainWhileItHasRows) {
    for (const auto id : {1, 2, 3}) insert(id, "n" + std::to_string(id));
    Statement from(connection_, "select name from t where id >= ? order by id");
    ASSERT_TRUE(from.bind(1).step());
    ASSERT_TRUE(from.bind(3).step());
    EXPECT_EQ(from.text(0), "n3");
    EXPECT_FALSE(from.step());
}

TEST_F(SqliteStatement, IsBoundTwiceBeforeItRuns) {
    insert_.bind(1, "first");
    insert_.bind(2, "second").run();
    EXPECT_EQ(connection_.scalar("select sum(id) from t"), 2);
}

TEST_F(SqliteStatement, WorksOnAfterAFailure) {
    insert(1, "first");
    EXPECT_THROW(insert(1, "again"), boost::system::system_error);
    insert(2, "second");
    EXPECT_EQ(connection_.scalar("select count(*) from t"), 2);
    EXPECT_THROW(insert_.bind(3, "three", 4), boost::system::system_error) << "it has two places";
    insert(3, "third");
    EXPECT_EQ(connection_.scalar("select count(*) from t"), 3);
}

}  // namespace
}  // namespace fc::store::sqlite
