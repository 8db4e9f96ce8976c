#include "runtime/log.h"

#include "base/encoding.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <chrono>
#include <mutex>

namespace fc::log {
namespace {

class ForwardingSink : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit ForwardingSink(std::function<void(std::string_view)> to) : to_(std::move(to)) {}

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        to_(std::string_view(message.payload.data(), message.payload.size()));
    }
    void flush_() override {}
    std::function<void(std::string_view)> to_;
};

struct Output {
    std::atomic<bool> json = false;
    std::shared_ptr<spdlog::logger> logger = standard_error();

    static std::shared_ptr<spdlog::logger> standard_error() {
        auto logger = std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        prepare(*logger, spdlog::level::info);
        return logger;
    }
    static void prepare(spdlog::logger& logger, spdlog::level::level_enum level) {
        logger.set_pattern("%v");  // the line is complete: time and level are written below
        logger.set_level(level);
        logger.flush_on(spdlog::level::debug);
    }
};

// The process has one log; everything else is passed to constructors.
Output& output() {
    static Output instance;
    return instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug: return spdlog::level::debug;
        case Level::info: return spdlog::level::info;
        case Level::warn: return spdlog::level::warn;
        case Level::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string_view name_of(Level level) {
    switch (level) {
        case Level::debug: return "DEBUG";
        case Level::info: return "INFO";
        case Level::warn: return "WARN";
        case Level::error: return "ERROR";
    }
    return "ERROR";
}

void append_escape(std::string& out, unsigned char byte) {
    constexpr char digits[] = "0123456789abcdef";
    out += "\\u00";
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

// Not the codec: a log line must come out even when the text is not valid UTF-8.
void append_quoted(std::string& out, std::string_view text) {
    const bool is_text = is_valid_utf8(text);
    out += '"';
    for (unsigned char byte : text) {
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += static_cast<char>(byte);
        } else if (byte == '\n') {
            out += "\\n";
        } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_text)) {
            append_escape(out, byte);
        } else {
            out += static_cast<char>(byte);
        }
    }
    out += '"';
}

bool needs_quotes(std::string_view text) {
    return text.empty() || text.find_first_of(" \"\\\n\t\r=") != std::string_view::npos ||
           !is_valid_utf8(text) ||
           text.find_first_of(std::string_view("\0\x1b\x7f", 3)) != std::string_view::npos;
}

std::string json_line(Level level, std::string_view text, Fields fields, TimePoint now) {
    std::string line = "{\"time\":\"" + to_rfc3339(now) + "\",\"level\":\"";
    line += name_of(level);
    line += "\",\"message\":";
    append_quoted(line, text);
    for (const auto& field : fields) {
        line += ',';
        append_quoted(line, field.key);
        line += ':';
        field.value.append_json(line);
    }
    line += '}';
    return line;
}

std::string human_line(Level level, std::string_view text, Fields fields, TimePoint now) {
    std::string line = to_rfc3339(now).substr(11, 12) + ' ';
    line += name_of(level);
    line.append(6 - name_of(level).size(), ' ');
    line += text;
    for (const auto& field : fields) {
        line += ' ';
        line += field.key;
        line += '=';
        field.value.append_text(line);
    }
    return line;
}

std::string number_text(double value) {
    char buffer[32];
    auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
    return std::string(buffer, error == std::errc{} ? end : buffer);
}

}  // namespace

void Value::append_json(std::string& out) const {
    if (const auto* text = std::get_if<std::string>(&value_)) {
        append_quoted(out, *text);
    } else if (const auto* real = std::get_if<double>(&value_); real && !(*real - *real == 0)) {
        out += "null";  // JSON has no infinity
    } else {
        append_text(out);
    }
}

void Value::append_text(std::string& out) const {
    if (const auto* flag = std::get_if<bool>(&value_)) {
        out += *flag ? "true" : "false";
    } else if (const auto* integer = std::get_if<std::int64_t>(&value_)) {
        out += std::to_string(*integer);
    } else if (const auto* real = std::get_if<double>(&value_)) {
        out += number_text(*real);
    } else if (const auto& text = std::get<std::string>(value_); needs_quotes(text)) {
        append_quoted(out, text);
    } else {
        out += text;
    }
}

void start(Settings settings) {
    output().json = settings.json;
    output().logger->set_level(to_spdlog(settings.level));
}

void redirect(std::function<void(std::string_view line)> sink) {
    const auto level = output().logger->level();
    if (!sink) {
        output().logger = Output::standard_error();
    } else {
        output().logger =
            std::make_shared<spdlog::logger>("", std::make_shared<ForwardingSink>(std::move(sink)));
    }
    Output::prepare(*output().logger, level);
}

bool is_on(Level level) {
    return output().logger->should_log(to_spdlog(level));
}

void write(Level level, std::string_view text, Fields fields) {
    if (!is_on(level)) return;
    const auto now = std::chrono::floor<Millis>(std::chrono::system_clock::now());
    const auto line =
        output().json ? json_line(level, text, fields, now) : human_line(level, text, fields, now);
    output().logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace fc::log
