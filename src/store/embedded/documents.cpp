#include "store/embedded/documents.h"

#include "store/embedded/write_task.h"

namespace fc::store::sqlite {
namespace {

Error code_exists(const Change& change) {
    return conflict(
        "CODE_EXISTS", "the code \"" + change.document.code + "\" is already in use in " + change.collection);
}

Error nothing_there(const Change& change) {
    return not_found("NOT_FOUND", change.collection + " has no " + change.document.id.to_string());
}

bool exists(Connection& connection, const Change& change) {
    Statement find(connection, "select 1 from documents where collection = ? and id = ?");
    return find.bind(change.collection, change.document.id).step();
}

/// nullopt when the change was made.
std::optional<Error> apply(Connection& connection, const Change& change) {
    const auto& document = change.document;
    if (change.kind == Change::Kind::insert) {
        Statement insert(
            connection,
            "insert into documents (collection, id, client_id, code, doc) values (?,?,?,?,?)"
            " on conflict do nothing");
        insert.bind(change.collection, document.id, document.client_id, document.code, document.text).run();
        return connection.changes() == 1 ? std::nullopt : std::optional(code_exists(change));
    }
    if (change.kind == Change::Kind::remove) {
        Statement remove(connection, "delete from documents where collection = ? and id = ?");
        remove.bind(change.collection, document.id).run();
        return connection.changes() == 1 ? std::nullopt : std::optional(nothing_there(change));
    }
    Statement replace(
        connection,
        "update or ignore documents set client_id = ?, code = ?, doc = ? where collection = ? and id = ?");
    replace.bind(document.client_id, document.code, document.text, change.collection, document.id).run();
    if (connection.changes() == 1) return std::nullopt;
    return exists(connection, change) ? code_exists(change) : nothing_there(change);
}

/// All changes or none. The savepoint is dear, and changes of entities are rare.
std::optional<Error> apply_all(Connection& connection, const std::vector<Change>& changes) {
    connection.exec("savepoint changes");
    for (const auto& change : changes) {
        auto refused = apply(connection, change);
        if (!refused) continue;
        connection.exec("rollback to changes");
        connection.exec("release changes");
        return refused;
    }
    connection.exec("release changes");
    return std::nullopt;
}

Document read_document(const Statement& row) {
    return {row.id(0), row.id(1), std::string(row.text(2)), std::string(row.text(3))};
}

}  // namespace

Task<Result<void>> SqliteDocuments::commit(std::vector<Change> changes) {
    auto work = [changes = std::move(changes)](Transaction& transaction) {
        return apply_all(transaction.connection, changes);
    };
    auto refused = co_await write(writer_, WriteOptions(), std::move(work));
    if (refused) co_return *refused;
    co_return Result<void>();
}

Task<std::optional<Document>> SqliteDocuments::find(std::string collection, Tsid id) {
    auto query = [collection = std::move(collection), id](Connection& connection) -> std::optional<Document> {
        Statement statement(
            connection, "select id, client_id, code, doc from documents where collection = ? and id = ?");
        if (!statement.bind(collection, id).step()) return std::nullopt;
        return read_document(statement);
    };
    co_return co_await reads_.read(std::move(query));
}

Task<std::vector<Document>> SqliteDocuments::load(std::string collection) {
    auto query = [collection = std::move(collection)](Connection& connection) {
        Statement statement(
            connection, "select id, client_id, code, doc from documents where collection = ? order by id");
        std::vector<Document> documents;
        statement.bind(collection);
        while (statement.step()) documents.push_back(read_document(statement));
        return documents;
    };
    co_return co_await reads_.read(std::move(query));
}

}  // namespace fc::store::sqlite
