#pragma once

#include "store/embedded/read_pool.h"
#include "store/embedded/writer.h"
#include "store/repository.h"

namespace fc::store::sqlite {

class SqliteDocuments final : public DocumentStore {
public:
    SqliteDocuments(Writer& writer, ReadPool& reads) : writer_(writer), reads_(reads) {}
    Task<Result<void>> commit(std::vector<Change> changes) override;
    Task<std::optional<Document>> find(std::string collection, Tsid id) override;
    Task<std::vector<Document>> load(std::string collection) override;

private:
    Writer& writer_;
    ReadPool& reads_;
};

}  // namespace fc::store::sqlite
