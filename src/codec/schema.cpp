#include "codec/schema.h"

namespace fc::codec {
namespace {

bool is_identifier(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string short_type_name(std::string_view function_signature) {
    const auto start = function_signature.find("T = ");
    auto rest = function_signature.substr(start + 4);
    rest.remove_suffix(1);
    std::string name;
    std::size_t word_start = 0;  // where the identifier begins that a following "::" turns into a namespace
    bool in_word = false;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (is_identifier(rest[i])) {
            if (!in_word) word_start = name.size();
            in_word = true;
            name += rest[i];
        } else {
            in_word = false;
            if (rest.substr(i).starts_with("::"))
                name.resize(word_start);
            else if (rest[i] == '<')
                name += "Of";
            else if (rest[i] == ',')
                name += "And";
            else if (rest[i] == '(')
                i = rest.find(')', i);  // "(anonymous namespace)"
        }
    }
    return name;
}

std::string Schemas::described(std::string schema, std::string_view name) const {
    const auto meaning = glossary_.find(name);
    if (meaning == glossary_.end()) return schema;
    schema.pop_back();
    if (schema != "{") schema += ',';
    return schema + R"("description":)" + to_json(std::string{meaning->second}) + '}';
}

void Schemas::add_component(
    const std::string& name,
    std::span<const InputName> names,
    std::span<const SchemaMember> members,
    bool is_closed) {
    std::string schema = R"({"type":"object","properties":{)";
    std::string required;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const auto& member = members[i];
        const auto property = member.schema(*this);
        for (const auto& key : names) {
            if (key.member != i || !key.is_written) continue;
            if (schema.back() != '{') schema += ',';
            schema += '"' + std::string{key.name} + "\":" + described(property, key.name);
        }
        if (member.is_required || (are_only_written_ && member.is_always_written))
            required += (required.empty() ? "\"" : ",\"") + std::string{names[i].name} + '"';
    }
    schema += '}';
    if (is_closed) schema += R"(,"additionalProperties":false)";
    if (!required.empty()) schema += R"(,"required":[)" + required + "]";
    components_[name].schema = schema + '}';
}

bool Schemas::reserve(const std::string& name, std::string_view signature) {
    const auto [at, is_new] = components_.try_emplace(name, Component{signature, ""});
    FC_ASSERT(
        at->second.signature == signature, "two types share a schema name: give one Rules<T>::schema_name");
    return is_new;
}

std::string Schemas::components() const {
    std::string text = "{";
    for (const auto& [name, component] : components_) {
        if (text.size() > 1) text += ',';
        text += '"' + name + "\":" + component.schema;
    }
    return text + '}';
}

}  // namespace fc::codec
