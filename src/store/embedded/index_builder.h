#pragma once

#include "store/embedded/index_tables.h"

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>

namespace fc::store::sqlite {

/// Brings the search index up to its store, in small steps. No thread of its own: `Indexer` drives it.
///
/// It follows ids. Ids grow with time, but one may be committed a moment after a larger one, so a row is
/// taken up only when ids as large as its own have been there for `settle`; searches read what is newer from
/// the store. What was there at the start has settled.
class IndexBuilder {
public:
    using Now = std::chrono::steady_clock::time_point;

    IndexBuilder(const std::filesystem::path& store, Millis settle);
    /// Takes up what has settled, a batch of each table; true when there is more to do at once.
    bool step(Now now);
    /// Attempts that the store took lately.
    double attempts_a_second() const;
    /// The creation time of what it took up last, for the log.
    std::string reached();
    /// How many open jobs there are of each subscription and pool, when that is too much for each question;
    /// and strikes those off that have ended.
    void count_backlogs(const std::function<bool()>& is_stopping);

private:
    struct Mark {
        Now seen;
        Tsid events;
        Tsid jobs;
        std::int64_t attempts = 0;  ///< their ids have no gaps
    };
    bool take_up_events(Tsid until);
    bool take_up_jobs(Tsid until);
    bool take_up_attempts();
    /// Removes rows that the store has no more; true when it found some.
    bool sweep(const std::string& what, RowTable& rows, Tsid& at);
    /// Asks of each job that was open when it was taken up.
    void strike_off_open_jobs(
        const std::function<bool(Tsid)>& is_open, const std::function<bool()>& is_stopping);
    void note_largest(Now now);
    bool take_up(RowTable& rows, Statement& source, const std::string& what, Tsid until);

    Connection base_;
    std::unique_ptr<Connection> index_;
    RowTable events_;
    RowTable jobs_;
    HourTable hours_;
    Statement largest_;
    Statement new_events_;
    Statement new_jobs_;
    Statement new_attempts_;
    Statement set_progress_;
    Millis settle_;
    Mark settled_{};
    std::deque<Mark> marks_;
    Tsid swept_events_;
    Tsid swept_jobs_;
    bool is_sweeping_ = false;
};

}  // namespace fc::store::sqlite
