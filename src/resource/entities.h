#pragma once

#include "base/time.h"
#include "base/vocabulary.h"
#include "resource/tenancy.h"
#include "resource/turns.h"
#include "store/repository.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fc::resource {

/// A rule that a change follows: it sees the entity as it is at its turn, edits it or refuses. Nothing else
/// changes meanwhile, so it may look at other entities too.
template <class T>
using Rule = std::function<Result<void>(T&, TimePoint now)>;

/// All entities of one type: in memory for reading, durable before a change is seen. T has `id`, `created_at`
/// and `updated_at`; its `store::Collection` also says `static constexpr std::string_view not_found`, the
/// code of that error. io thread only; the pointers stay valid across a co_await.
template <class T>
class Entities {
public:
    using Ptr = std::shared_ptr<const T>;
    using Collection = store::Collection<T>;
    /// `before` is null for a new entity, `after` for one that is gone.
    using Listener = std::function<void(const Ptr& before, const Ptr& after)>;

    struct Parts {
        store::DocumentStore* documents;
        const Clock* clock;
        TsidGenerator* ids;
        Turns* turns;
    };
    explicit Entities(Parts parts) : parts_(parts) {}

    Task<> load() {
        auto stored = co_await store::Repository<T>(*parts_.documents).load();
        for (auto& entity : stored) apply(nullptr, std::make_shared<const T>(std::move(entity)));
    }
    /// Told after each change, load included, in the order of registration.
    void on_change(Listener listener) { listeners_.push_back(std::move(listener)); }

    // For the product itself: no tenant.
    Ptr find(Tsid id) const {
        const auto found = by_id_.find(id);
        return found == by_id_.end() ? nullptr : found->second;
    }
    Ptr find(Tsid client_id, std::string_view code) const {
        const auto found = by_code_.find({client_id, std::string(code)});
        return found == by_code_.end() ? nullptr : found->second;
    }
    /// By id.
    std::vector<Ptr> all() const {
        std::vector<Ptr> entities;
        entities.reserve(by_id_.size());
        for (const auto& [id, entity] : by_id_) entities.push_back(entity);
        return entities;
    }

    // For a caller: only what it may see.
    Result<Ptr> get(const http::Caller& caller, Tsid id) const {
        auto entity = find(id);
        if (!entity || !sees(caller, Collection::client(*entity))) return missing(id.to_string());
        return entity;
    }
    std::vector<Ptr> all(const http::Caller& caller) const {
        auto entities = all();
        std::erase_if(entities, [&](const Ptr& each) { return !sees(caller, Collection::client(*each)); });
        return entities;
    }
    Error missing(const std::string& what) const {
        return not_found(
            std::string(Collection::not_found), std::string(Collection::name) + " has no " + what);
    }

    /// Makes its id and times; then `rule` may finish it. CODE_EXISTS.
    Task<Result<Ptr>> insert(T entity, Rule<T> rule) {
        const auto turn = co_await parts_.turns->take();
        const auto now = parts_.clock->now();
        entity.id = Id<T>(parts_.ids->next());
        entity.created_at = now;
        co_return co_await follow(std::move(rule), nullptr, std::move(entity));
    }
    Task<Result<Ptr>> change(Id<T> id, Rule<T> rule) {
        const auto turn = co_await parts_.turns->take();
        const auto before = find(id);
        if (!before) co_return missing(id.to_string());
        co_return co_await follow(std::move(rule), before, *before);
    }
    /// `rule` may refuse.
    Task<Result<Ptr>> remove(Id<T> id, Rule<T> rule) {
        const auto turn = co_await parts_.turns->take();
        const auto before = find(id);
        if (!before) co_return missing(id.to_string());
        T copy = *before;
        if (auto allowed = rule(copy, parts_.clock->now()); !allowed) co_return allowed.error();
        co_return co_await commit(before, nullptr);
    }

private:
    Task<Result<Ptr>> follow(Rule<T> rule, Ptr before, T after) {
        const auto now = parts_.clock->now();
        if (auto allowed = rule(after, now); !allowed) co_return allowed.error();
        after.updated_at = now;
        auto shared = std::make_shared<const T>(std::move(after));
        co_return co_await commit(std::move(before), std::move(shared));
    }

    Task<Result<Ptr>> commit(Ptr before, Ptr after) {
        store::UnitOfWork work;
        if (!before) {
            work.insert(*after);
        } else if (after) {
            work.replace(*after);
        } else {
            work.remove(*before);
        }
        const auto stored = co_await parts_.documents->commit(work.take());
        if (!stored) co_return stored.error();
        apply(before, after);
        co_return after ? after : before;
    }

    void apply(const Ptr& before, const Ptr& after) {
        if (before) {
            by_id_.erase(before->id);
            by_code_.erase(key_of(*before));
        }
        if (after) {
            by_id_[after->id] = after;
            by_code_[key_of(*after)] = after;
        }
        for (const auto& listener : listeners_) listener(before, after);
    }

    using Key = std::pair<Tsid, std::string>;
    static Key key_of(const T& entity) { return {Collection::client(entity), Collection::code(entity)}; }

    Parts parts_;
    std::map<Tsid, Ptr> by_id_;
    std::map<Key, Ptr> by_code_;
    std::vector<Listener> listeners_;
};

/// The slug of `name`, with the first of -2, -3 ... that makes it the client's only one.
template <class T>
auto free_code(const Entities<T>& entities, Tsid client_id, std::string_view name) {
    const auto slug = Code::slug_of(name).text();
    auto code = slug;
    for (int number = 2; entities.find(client_id, code); ++number) code = slug + '-' + std::to_string(number);
    return decltype(T::code)::parse(code).value();
}

}  // namespace fc::resource
