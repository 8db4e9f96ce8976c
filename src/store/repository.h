#pragma once

#include "base/error.h"
#include "base/id.h"
#include "codec/json.h"
#include "runtime/task.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::store {

/// What the store keeps of an entity: `code` is unique within (collection, client) unless "".
struct Document {
    Tsid id;
    Tsid client_id;
    std::string code;
    std::string text;
};

struct Change {
    enum class Kind { insert, replace, remove };
    Kind kind = Kind::insert;
    std::string collection;
    Document document;
};

/// Entities other than events and jobs: few, read often, changed seldom. Changes of one `commit` are stored
/// together or not at all, and durably. Errors: CODE_EXISTS (conflict), NOT_FOUND for a replace or remove of
/// nothing.
class DocumentStore {
public:
    virtual ~DocumentStore() = default;
    virtual Task<Result<void>> commit(std::vector<Change> changes) = 0;
    virtual Task<std::optional<Document>> find(std::string collection, Tsid id) = 0;
    /// All of a collection, by id.
    virtual Task<std::vector<Document>> load(std::string collection) = 0;
};

/// Names the stored collection of T: `static constexpr std::string_view name`, `Tsid client(const T&)`,
/// `std::string code(const T&)`.
template <class T>
struct Collection;

/// Changes that are stored together.
class UnitOfWork {
public:
    template <class T>
    void insert(const T& entity) {
        add(Change::Kind::insert, entity);
    }
    template <class T>
    void replace(const T& entity) {
        add(Change::Kind::replace, entity);
    }
    template <class T>
    void remove(const T& entity) {
        add(Change::Kind::remove, entity);
    }
    std::vector<Change> take() { return std::move(changes_); }

private:
    template <class T>
    void add(Change::Kind kind, const T& entity) {
        std::string text;
        codec::write_json(text, entity, codec::Reveal::yes);
        changes_.push_back(
            {kind,
             std::string(Collection<T>::name),
             {entity.id, Collection<T>::client(entity), Collection<T>::code(entity), std::move(text)}});
    }
    std::vector<Change> changes_;
};

/// The stored entities of type T.
template <class T>
class Repository {
public:
    explicit Repository(DocumentStore& documents) : documents_(documents) {}

    Task<std::vector<T>> load() {
        const auto stored = co_await documents_.load(std::string(Collection<T>::name));
        std::vector<T> entities;
        entities.reserve(stored.size());
        for (const auto& document : stored) entities.push_back(codec::from_json<T>(document.text).value());
        co_return entities;
    }
    Task<std::optional<T>> find(Id<T> id) {
        const auto stored = co_await documents_.find(std::string(Collection<T>::name), id);
        if (!stored) co_return std::nullopt;
        co_return codec::from_json<T>(stored->text).value();
    }
    Task<Result<void>> commit(UnitOfWork work) { return documents_.commit(work.take()); }

private:
    DocumentStore& documents_;
};

}  // namespace fc::store
