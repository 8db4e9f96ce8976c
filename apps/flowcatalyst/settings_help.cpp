#include "settings_help.h"

#include "settings.h"

#include <algorithm>

namespace fc::app {
namespace {

constexpr SettingHelp helps[] = {
    {"HTTP_PORT", "Port of the API; `0` takes any free one."},
    {"HTTP_BIND_ADDRESS", "Address it listens on. Development mode listens on `127.0.0.1` only."},
    {"CORS_ORIGINS", "Origins, between commas, whose pages may call the API; `*` for all."},
    {"HTTP_CONNECTIONS_MAX",
     "Open connections, within four fifths of the files that the process may open. For one more the longest "
     "idle gives way; without an idle one it is answered `503`."},
    {"HTTP_HEAD_TIMEOUT", "From the first byte of a request to the end of its header."},
    {"HTTP_BODY_TIMEOUT", "For the whole body of a request."},
    {"HTTP_IDLE_TIMEOUT", "Between two requests of a connection."},
    {"HTTP_WRITE_TIMEOUT", "For the caller to take an answer."},
    {"HTTP_BODIES_MIB_MAX",
     "MiB of memory for the bodies of all requests, half of them for events and jobs; more is answered "
     "`503`."},
    {"HTTP_ANSWERS_MIB_MAX",
     "MiB of answers that callers have not taken yet; beyond it the slowest are cut off."},
    {"DATA_DIR", "Folder of all that is stored. One process at a time."},
    {"FLOWCATALYST_DEV",
     "Development mode: an administrator, whose token is printed, loopback targets, and a log for people."},
    {"FLOWCATALYST_ADMIN_TOKEN",
     "The administrator's bearer token. Without it every call is refused, save in development mode."},
    {"LOG_LEVEL", "`debug`, `info`, `warn` or `error`."},
    {"LOG_FORMAT", "`text`, `json`, or `automatic`: text in development mode, else JSON."},
    {"STORE_TYPE", "`embedded` (SQLite). `mongodb` is not in this version: it stops the start."},
    {"STORE_PATH", "The store's file; unset: `flowcatalyst.db` in `DATA_DIR`."},
    {"MONGODB_URI", "Not in this version: set, it stops the start."},
    {"QUEUE_TYPE",
     "`embedded` (the NATS server linked in) or `nats` (one elsewhere). `sqs` is not in this version: it "
     "stops the start."},
    {"NATS_URL", "The server, when `QUEUE_TYPE` is `nats`."},
    {"NATS_PORT", "Port of the embedded NATS server; `0` takes any free one."},
    {"NATS_DATA_DIR", "Folder of the embedded NATS server; unset: `nats` in `DATA_DIR`."},
    {"DISPATCH_HANDOVER",
     "How ready jobs reach the router: `memory`, a call in this process, or `queue`, pointers on the queue."},
    {"WEBHOOK_TIMESTAMP_FORMAT", "`unix` (seconds) or `iso`: the form of `X-FlowCatalyst-Timestamp`."},
    {"EGRESS_ALLOW",
     "Blocks of addresses, between commas (`10.0.0.0/8`), that targets may lie in although they are private "
     "or otherwise special."},
    {"ROUTER_TARGETS",
     "Hosts that other producers' pointers may send the router to, between commas: `host`, `host:port` or a "
     "URL; `*` for all. Unset: our own base URL."},
    {"AUTH_EXTERNAL_BASE_URL",
     "The URL under which others reach us; unset: `http://localhost:` and `HTTP_PORT`."},
    {"FLOWCATALYST_APP_KEY",
     "Signs the tokens of pointers on the queue: the same in all processes. Unset: made once, in "
     "`DATA_DIR`."},
    {"INGEST_WAIT_MAX",
     "How long new events and jobs may have to wait for the store; while it would be longer they are "
     "answered `503`."},
    {"EVENT_RETENTION",
     "How long an event is kept. One that has a job left stays with it, one with a deduplication id a day at "
     "least."},
    {"JOB_RETENTION",
     "How long a dispatch job and its attempts are kept after its end, at most as long as events are. Open "
     "jobs, and the error that blocks a group, stay."},
};

constexpr std::string_view head = R"(# Configuration

Made by `flowcatalyst config --markdown`; `make generated` writes it anew.

Each setting is an environment variable. Below them in rank lies a TOML file, which names the same setting by
its key: the file that `FLOWCATALYST_CONFIG` names, else the first there is of `config.toml`,
`application.toml`, `flowcatalyst.toml`, `config/config.toml`, `config/application.toml` and
`/etc/flowcatalyst/config.toml`. Then come the defaults. A malformed value stops the start and names itself.
`flowcatalyst config` prints what is in effect and where it came from, with secrets masked.

Durations have a unit: `500ms`, `10s`, `1m`, `36h`, `90d`. Words are read in any case.

| Variable | Key in the file | Default | Meaning |
| --- | --- | --- | --- |
)";

constexpr std::string_view tail = R"(
## Variables that this version does not use

| Variable | What happens |
| --- | --- |
| `MONGODB_URI` | set to anything, it stops the start: the store is embedded |
| `QUEUE_TYPE=sqs` | stops the start |
| `MONGODB_DATABASE`, `SQS_*`, `AWS_REGION` | ignored |
| `AUTH_MODE`, `JWT_*`, `SESSION_*` | ignored: who calls is told by the administrator's token alone |
)";

std::string_view meaning_of(std::string_view variable) {
    const auto found = std::ranges::find(helps, variable, &SettingHelp::variable);
    return found == std::end(helps) ? "" : found->meaning;
}

std::string code(std::string_view text) {
    return text.empty() ? "" : "`" + std::string(text) + "`";
}

}  // namespace

std::span<const SettingHelp> setting_helps() {
    return helps;
}

std::string settings_markdown() {
    const auto settings = codec::load_settings<Settings>({}).value();
    std::string text{head};
    for (const auto& setting : settings.list) {
        text +=
            "| " + code(setting.variable) + " | " + code(setting.key) + " | " + code(setting.text) + " | ";
        text += std::string(meaning_of(setting.variable)) + " |\n";
    }
    text += tail;
    return text;
}

}  // namespace fc::app
