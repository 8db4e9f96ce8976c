#pragma once

#include "base/error.h"
#include "base/id.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fc::messaging {

/// The type of an event: `^[A-Za-z0-9][A-Za-z0-9_-]*([.:][A-Za-z0-9_-]+)*$`, at most 255 characters, compared
/// exactly. Wider than `Code` by the upper-case letters that CloudEvents come with
/// ("Microsoft.Storage.BlobCreated").
class EventTypeCode {
public:
    EventTypeCode() = default;
    static Result<EventTypeCode> parse(std::string_view text);
    const std::string& text() const { return text_; }
    auto operator<=>(const EventTypeCode&) const = default;

private:
    std::string text_;
};

/// Which event types a subscription wants: a code, in which `*` stands for one segment between `:` or `.`,
/// and a `**` at the end for one or more. Separators are part of the code: "order.*" does not match
/// "order:created".
class EventTypePattern {
public:
    EventTypePattern() = default;
    static Result<EventTypePattern> parse(std::string_view text);

    bool matches(std::string_view event_type) const;
    bool is_exact() const { return text_.find('*') == std::string::npos; }
    const std::string& text() const { return text_; }
    auto operator<=>(const EventTypePattern&) const = default;

private:
    std::string text_;
};

/// Cuts the next segment off the front of `rest`, with the separator before it: "a:b" gives "a", then ":b".
std::string_view take_segment(std::string_view& rest);

/// Values by pattern, found by event type: exact patterns in one hash table, the others in a tree by segment,
/// so that a lookup costs by what matches, not by what is there.
template <class Value>
class PatternIndex {
public:
    void add(const EventTypePattern& pattern, Value value) {
        values_at(pattern).push_back(std::move(value));
        ++size_;
    }

    /// Removes one such entry; false when there is none.
    bool remove(const EventTypePattern& pattern, const Value& value) {
        auto& values = values_at(pattern);
        const auto found = std::find(values.begin(), values.end(), value);
        const bool is_there = found != values.end();
        if (is_there) {
            values.erase(found);
            --size_;
        }
        if (values.empty()) prune(pattern);
        return is_there;
    }

    /// Calls `visit(value)` for each entry that matches; a value added under two matching patterns is seen
    /// twice.
    template <class Visit>
    void for_each_match(std::string_view event_type, const Visit& visit) const {
        if (const auto found = exact_.find(event_type); found != exact_.end()) {
            for (const auto& value : found->second) visit(value);
        }
        walk(root_, event_type, visit);
    }

    std::size_t size() const { return size_; }

private:
    struct Hash {
        // NOLINTNEXTLINE(readability-identifier-naming): the name that std::unordered_map looks for
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    struct Node {
        std::unordered_map<std::string, std::unique_ptr<Node>, Hash, std::equal_to<>> children;
        std::vector<Value> values;
        bool is_empty() const { return children.empty() && values.empty(); }
    };

    std::vector<Value>& values_at(const EventTypePattern& pattern) {
        if (pattern.is_exact()) return exact_[pattern.text()];
        Node* node = &root_;
        for (std::string_view rest = pattern.text(); !rest.empty();) {
            auto& child = node->children[std::string(take_segment(rest))];
            if (!child) child = std::make_unique<Node>();
            node = child.get();
        }
        return node->values;
    }

    void prune(const EventTypePattern& pattern) {
        if (pattern.is_exact()) {
            exact_.erase(pattern.text());
            return;
        }
        prune_below(root_, pattern.text());
    }

    void prune_below(Node& node, std::string_view rest) {
        if (rest.empty()) return;
        const auto child = node.children.find(take_segment(rest));
        if (child == node.children.end()) return;
        prune_below(*child->second, rest);
        if (child->second->is_empty()) node.children.erase(child);
    }

    /// `rest` is what `node` has not consumed. A node's children are segments, and "*" or "**" behind a
    /// separator.
    template <class Visit>
    void walk(const Node& node, std::string_view rest, const Visit& visit) const {
        if (rest.empty()) {
            for (const auto& value : node.values) visit(value);
            return;
        }
        if (node.children.empty()) return;
        const auto segment = take_segment(rest);
        const bool has_separator = segment.front() == ':' || segment.front() == '.';
        std::string star(has_separator ? 1 : 0, segment.front());
        star += '*';
        if (const auto child = node.children.find(segment); child != node.children.end())
            walk(*child->second, rest, visit);
        if (const auto child = node.children.find(star); child != node.children.end())
            walk(*child->second, rest, visit);
        star += '*';
        if (const auto child = node.children.find(star); child != node.children.end()) {
            for (const auto& value : child->second->values) visit(value);
        }
    }

    std::unordered_map<std::string, std::vector<Value>, Hash, std::equal_to<>> exact_;
    Node root_;
    std::size_t size_ = 0;
};

/// The subscriptions of all tenants: an event meets those of the platform and those of its own client.
template <class Value>
class SubscriptionIndex {
public:
    /// `client` nullopt: the platform's.
    void add(std::optional<Tsid> client, const EventTypePattern& pattern, Value value) {
        by_client_[client.value_or(Tsid{})].add(pattern, std::move(value));
    }

    bool remove(std::optional<Tsid> client, const EventTypePattern& pattern, const Value& value) {
        const auto found = by_client_.find(client.value_or(Tsid{}));
        if (found == by_client_.end() || !found->second.remove(pattern, value)) return false;
        if (found->second.size() == 0) by_client_.erase(found);
        return true;
    }

    /// Those that want an event of that type and client, each once, in the order of Value.
    std::vector<Value> find(std::optional<Tsid> client, std::string_view event_type) const {
        std::vector<Value> found;
        const auto collect = [&](Tsid owner) {
            const auto index = by_client_.find(owner);
            if (index == by_client_.end()) return;
            index->second.for_each_match(event_type, [&](const Value& value) { found.push_back(value); });
        };
        collect(Tsid{});
        if (client) collect(*client);
        std::sort(found.begin(), found.end());
        found.erase(std::unique(found.begin(), found.end()), found.end());
        return found;
    }

private:
    std::unordered_map<Tsid, PatternIndex<Value>> by_client_;
};

}  // namespace fc::messaging
