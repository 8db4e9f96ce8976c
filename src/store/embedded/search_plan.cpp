#include "store/embedded/search_plan.h"

#include "store/embedded/pager.h"
#include "store/embedded/query_fits.h"
#include "store/embedded/schema.h"
#include "store/embedded/search_file.h"

#include <algorithm>
#include <limits>
#include <set>

namespace fc::store::sqlite {
namespace {

constexpr auto id_end = std::numeric_limits<std::int64_t>::max();

/// What it costs to come by a row and to begin a list, against a row of the index in passing (measured: 0.3
/// us).
constexpr double cost_of_listed_row = 4;
constexpr double cost_of_store_row = 8;
constexpr double cost_of_list = 15;
/// More lists are not walked: to begin them takes too long.
constexpr std::size_t lists_max = 2'000;

void mark(std::vector<bool>& numbers, std::int64_t number) {
    const auto at = static_cast<std::size_t>(number);
    if (at >= numbers.size()) numbers.resize(at + 1);
    numbers[at] = true;
}

}  // namespace

SearchPlan::SearchPlan(Connection& connection, const EventQuery& query, const PageRequest& page)
    : connection_(connection),
      table_("events"),
      rows_("search.event_rows"),
      watermark_(static_cast<std::int64_t>(indexed_until(connection, table_).value)),
      range_rows_(id_end),
      last_(watermark_) {
    read(query, nullptr);
    limit_ids(static_cast<int>(Minutes::event_created), query.created_after, query.created_before);
    limit_ids(static_cast<int>(Minutes::event_time), query.time_after, query.time_before);
    filter_.time_after = query.time_after;
    filter_.time_before = query.time_before;
    if (!query.deduplication_id.empty()) read_deduplication(query);
    choose(page);
}

SearchPlan::SearchPlan(Connection& connection, const JobQuery& query, const PageRequest& page)
    : connection_(connection),
      table_("jobs"),
      rows_("search.job_rows"),
      watermark_(static_cast<std::int64_t>(indexed_until(connection, table_).value)),
      range_rows_(id_end),
      last_(watermark_) {
    read(query, &query);
    limit_ids(static_cast<int>(Minutes::job_created), query.created_after, query.created_before);
    read_statuses(query);
    const auto number = [](Tsid id) { return std::vector{static_cast<std::int64_t>(id.value)}; };
    if (query.event_id)
        add_store_lists(
            By::event,
            {"select id from main.jobs indexed by jobs_event where event_id <> 0 and event_id = ?"},
            number(*query.event_id));
    if (query.operation) {
        add_store_lists(
            By::operation,
            {"select id from main.jobs indexed by jobs_operation where operation <> 0 and operation = ?"},
            number(*query.operation));
    }
    choose(page);
}

void SearchPlan::read(const MessageQuery& query, const JobQuery* of_jobs) {
    read_keys(query, of_jobs);
    if (!query.source.empty()) read_sources(query.source);
    filter_.group_hash = add_hash(By::group, "group", query.message_group);
    filter_.correlation_hash = add_hash(By::correlation, "correlation", query.correlation_id);
    filter_.created_after = query.created_after;
    filter_.created_before = query.created_before;
    filter_.subject = query.subject;
    filter_.text = query.text;
    has_only_keys_ = has_only_keys_ && query.subject.empty() && query.text.empty() &&
                     query.message_group.empty() && query.correlation_id.empty();
}

void SearchPlan::read_keys(const MessageQuery& query, const JobQuery* of_jobs) {
    Driver lists{
        By::key,
        {"select id from " + rows_ + " indexed by " + rows_.substr(rows_.find('.') + 1) +
         "_key where key = ?"},
        {},
        0,
        cost_of_listed_row};
    Statement keys(
        connection_,
        std::string("select id, count, client_id, type, owner, pool, kind from search.") +
            (of_jobs != nullptr ? "job_keys" : "event_keys"));
    bool fit_all = true;
    while (keys.step()) {
        const bool is_meant = fits(query, keys.id(2), keys.text(3)) &&
                              (of_jobs == nullptr || (is_open_or_one_of(of_jobs->owners, keys.id(4)) &&
                                                      is_open_or_one_of(of_jobs->pools, keys.id(5)) &&
                                                      is_open_or_one_of(of_jobs->kinds, keys.text(6))));
        fit_all = fit_all && is_meant;
        if (!is_meant || keys.integer(1) <= 0) continue;
        lists.values.push_back(keys.integer(0));
        lists.rows += keys.integer(1);
        mark(filter_.keys, keys.integer(0));
    }
    key_rows_ = lists.rows;
    range_rows_ = std::min(
        range_rows_,
        connection_.scalar(
            std::string("select sum(count) from search.") +
            (of_jobs != nullptr ? "job_keys" : "event_keys")));
    if (fit_all) {
        filter_.keys.clear();
        return;
    }
    if (filter_.keys.empty()) filter_.keys.resize(1);  // none fits
    if (lists.values.size() <= lists_max) drivers_.push_back(std::move(lists));
}

void SearchPlan::read_sources(const std::string& part) {
    has_only_keys_ = false;
    Driver lists{
        By::source,
        {"select id from " + rows_ + " indexed by " + rows_.substr(rows_.find('.') + 1) +
         "_source where source = ?"},
        {},
        0,
        cost_of_listed_row};
    Statement sources(connection_, "select id, " + table_ + ", source from search.sources");
    filter_.sources.resize(1);
    while (sources.step()) {
        if (sources.integer(1) <= 0 || !contains_in_any_case(sources.text(2), part)) continue;
        lists.values.push_back(sources.integer(0));
        lists.rows += sources.integer(1);
        mark(filter_.sources, sources.integer(0));
    }
    if (lists.values.size() <= lists_max) drivers_.push_back(std::move(lists));
}

std::int64_t SearchPlan::add_hash(By by, const std::string& column, const std::string& text) {
    const auto hash = hash_of(text);
    if (hash == 0) return 0;
    const auto index = rows_.substr(rows_.find('.') + 1) + "_" + column;
    Driver list{
        by,
        {"select id from " + rows_ + " indexed by " + index + " where " + column + "_hash <> 0 and " +
         column + "_hash = ?"},
        {hash},
        0,
        cost_of_listed_row};
    list.rows = count_up_to_cap(list);
    drivers_.push_back(std::move(list));
    return hash;
}

void SearchPlan::add_store_lists(
    By by, std::vector<std::string> sqls, std::vector<std::int64_t> values, bool is_exact) {
    has_only_keys_ = false;
    ++left_to_store_;
    Driver lists{by, std::move(sqls), std::move(values), 0, cost_of_listed_row, is_exact};
    lists.rows = count_up_to_cap(lists);
    drivers_.push_back(std::move(lists));
}

void SearchPlan::read_statuses(const JobQuery& query) {
    std::set<std::int64_t> statuses;
    for (const auto status : query.statuses) statuses.insert(static_cast<int>(stored_status(status)));
    if (query.never_attempted) {
        has_only_keys_ = false;
        ++left_to_store_;
        // What ended well was attempted.
        if (statuses.empty()) statuses = {0, 2, 3};
    }
    if (statuses.empty()) return;
    if (query.pending && statuses == std::set<std::int64_t>{0}) {
        has_only_keys_ = false;
        ++left_to_store_;
        known_ids_ = *query.pending;
        const auto rows = static_cast<std::int64_t>(known_ids_->size());
        drivers_.push_back({By::known_ids, {}, {}, rows, cost_of_store_row});
        return;
    }
    if (!statuses.contains(1)) {
        add_store_lists(
            By::status,
            {std::string("select id from main.jobs indexed by jobs_unfinished where ") + unfinished_jobs +
                 " and status = ?",
             "select id from search.open_jobs where 0 = ?"},
            {statuses.begin(), statuses.end()},
            !statuses.contains(0));  // some of those noted as open have ended since
        return;
    }
    has_only_keys_ = false;
    ++left_to_store_;
}

void SearchPlan::read_deduplication(const EventQuery& query) {
    std::set<std::int64_t> clients;
    if (query.client_ids) {
        for (const auto client : *query.client_ids) clients.insert(static_cast<std::int64_t>(client.value));
    } else {
        Statement seen(connection_, "select distinct client_id from search.event_keys");
        while (seen.step()) clients.insert(seen.integer(0));
    }
    has_only_keys_ = false;
    Statement find(
        connection_,
        "select id from main.events indexed by events_deduplication where client_id = ?"
        " and deduplication_id = ? and deduplication_id <> ''");
    std::vector<std::int64_t> ids;
    for (const auto client : clients) {
        if (find.bind(client, query.deduplication_id).step()) ids.push_back(find.integer(0));
        find.reset();
    }
    const auto rows = static_cast<std::int64_t>(ids.size());
    ++left_to_store_;
    drivers_.push_back(
        {By::deduplication,
         {"select id from main.events where id = ?"},
         std::move(ids),
         rows,
         cost_of_listed_row});
}

void SearchPlan::limit_ids(int what, std::optional<TimePoint> after, std::optional<TimePoint> before) {
    if (!after && !before) return;
    has_only_keys_ = false;
    const auto minute = [](TimePoint time) {
        return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
    };
    Statement span(
        connection_,
        "select min(first_id), max(last_id), sum(count) from search.minutes where what = ?"
        " and minute between ? and ?");
    span.bind(
            what,
            after ? minute(*after) : std::numeric_limits<std::int64_t>::min(),
            before ? minute(*before) : id_end)
        .step();
    first_ = std::max(first_, span.integer(0));
    last_ = std::min(last_, span.integer(1));
    range_rows_ = std::min(range_rows_, span.integer(2));
}

std::int64_t SearchPlan::count_up_to_cap(const Driver& driver) {
    std::int64_t rows = 0;
    for (const auto& sql : driver.sqls) {
        Statement count(connection_, "select count(*) from (" + sql + " limit ?)");
        for (const auto value : driver.values) {
            count.bind(value, search_total_max).step();
            const auto counted = count.integer(0);
            count.reset();
            if (counted == search_total_max) return range_rows_;  // so many that it may be all
            rows += counted;
        }
    }
    return rows;
}

void SearchPlan::choose(const PageRequest& page) {
    drivers_.push_back({By::rows, {}, {}, range_rows_, left_to_store_ > 0 ? cost_of_store_row : 1});
    auto matches = range_rows_;
    for (const auto& driver : drivers_) matches = std::min(matches, driver.rows);
    const auto to_count = page.counts && !known_total() ? search_total_max : 0;
    const auto wanted = (page.page + 1) * page.size + 1 + to_count;
    // To see that there is no other, all rows must be come by.
    const auto of_all = wanted >= matches ? 1.0 : static_cast<double>(wanted) / static_cast<double>(matches);
    const auto cost_of = [&](const Driver& driver) {
        return static_cast<double>(driver.values.size()) * cost_of_list +
               of_all * static_cast<double>(driver.rows) * driver.cost_of_row;
    };
    chosen_ = *std::ranges::min_element(drivers_, {}, cost_of);
    switch (chosen_.by) {
        case By::key: filter_.keys.clear(); break;
        case By::source: filter_.sources.clear(); break;
        case By::group: filter_.group_hash = 0; break;
        case By::correlation: filter_.correlation_hash = 0; break;
        case By::rows: break;
        default: left_to_store_ -= chosen_.is_exact ? 1 : 0;
    }
}

std::optional<std::int64_t> SearchPlan::known_total() const {
    return has_only_keys_ ? std::optional(key_rows_) : std::nullopt;
}

std::unique_ptr<Candidates> SearchPlan::fresh(Tsid after, bool ascending) const {
    Course course{watermark_, id_end, ascending};
    if (after) {
        auto& end = ascending ? course.above : course.below;
        const auto beyond = static_cast<std::int64_t>(after.value);
        end = ascending ? std::max(end, beyond) : std::min(end, beyond);
    }
    if (known_ids_) return std::make_unique<KnownIds>(*known_ids_, course);
    return std::make_unique<TableWalk>(connection_, "main." + table_, course, false);
}

std::unique_ptr<Candidates> SearchPlan::lists(Course course) const {
    if (chosen_.by == By::known_ids) return std::make_unique<KnownIds>(*known_ids_, course);
    return std::make_unique<MergedLists>(connection_, chosen_.sqls, chosen_.values, course);
}

std::unique_ptr<Candidates> SearchPlan::indexed(Tsid after, bool ascending) const {
    Course course{first_ - 1, last_ + 1, ascending};
    if (after) {
        auto& end = ascending ? course.above : course.below;
        const auto beyond = static_cast<std::int64_t>(after.value);
        end = ascending ? std::max(end, beyond) : std::min(end, beyond);
    }
    if (chosen_.by == By::rows && filter_.is_empty())
        return std::make_unique<TableWalk>(connection_, rows_, course, true);
    if (chosen_.by == By::rows) return std::make_unique<FilteredWalk>(connection_, rows_, course, filter_);
    auto ids = lists(course);
    if (filter_.is_empty()) return ids;
    return std::make_unique<FilteredLists>(connection_, rows_, std::move(ids), filter_);
}

std::unique_ptr<Candidates> SearchPlan::from(Tsid after, bool ascending) const {
    auto old = indexed(after, ascending);
    auto young = fresh(after, ascending);
    return ascending ? std::make_unique<Chain>(std::move(old), std::move(young))
                     : std::make_unique<Chain>(std::move(young), std::move(old));
}

}  // namespace fc::store::sqlite
