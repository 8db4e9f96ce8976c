#include "messaging/subscription/subscription_api.h"

#include "codec/json.h"
#include "messaging/delivery/signing.h"
#include "resource/assign.h"
#include "resource/tenancy.h"

#include <algorithm>
#include <utility>

namespace fc::messaging {
namespace {

constexpr std::size_t cancelled_at_once = 1'000;

constexpr std::string_view create_example = R"({
  "name": "Orders to billing", "eventTypes": ["order.*", {"eventTypeCode": "invoice.paid"}],
  "targetUrl": "https://example.com/webhook", "filter": {"data.total": {"gte": 10}},
  "dispatchPoolId": "0HZXEQ5Y8JY5Z", "maxRetries": 5, "headers": {"X-Api-Key": "k3y"}})";
constexpr std::string_view created_example = R"({
  "id": "0SAS8QG1CQJEA", "code": "orders-to-billing", "name": "Orders to billing", "description": "",
  "eventTypes": [{"eventTypeCode": "order.*"}, {"eventTypeCode": "invoice.paid"}],
  "filter": {"data.total": {"gte": 10}}, "target": "https://example.com/webhook",
  "targetUrl": "https://example.com/webhook", "queue": "", "customConfig": [], "source": "API",
  "status": "ACTIVE", "dispatchPoolId": "0SAS8Q8DCEG01", "dispatchPoolCode": "default",
  "mode": "NEXT_ON_ERROR", "timeoutSeconds": 30, "maxRetries": 5, "maxAgeSeconds": 86400, "delaySeconds": 0,
  "sequence": 99, "dataOnly": true, "format": "WEBHOOK", "headers": {"X-Api-Key": "***"},
  "createdAt": "2026-01-31T10:20:30.000Z", "updatedAt": "2026-01-31T10:20:30.000Z",
  "signingSecret": "whsec_InRQwrGNpVQa4VZsu0e1SWgAFhV4+tSgVTwUO8gY0mQ="})";
constexpr std::string_view edit_example =
    R"({"description": "Of the new shop", "concurrency": 4, "filter": null})";

Result<void> accept(Subscription&, TimePoint) {
    return {};
}

/// Which events it wants, as text to compare.
std::string wants_of(const Subscription& subscription) {
    return codec::to_json(subscription.event_types) + subscription.filter.text();
}

/// The secret that was given, or a new one; a fault at "/signingSecret" when it cannot sign.
Result<Secret> secret_of(const std::optional<Secret>& given) {
    auto secret = given && !given->empty() ? *given : new_signing_secret();
    const auto signer = WebhookSigner::with(secret);
    if (signer) return secret;
    return codec::validation_failed({{"/signingSecret", signer.error().detail}});
}

}  // namespace

std::vector<EventTypeBinding> bindings_of(
    const std::vector<WantedEventType>& wanted, const Catalog& catalog, std::vector<FieldError>& faults) {
    std::vector<EventTypeBinding> bindings(wanted.begin(), wanted.end());
    for (std::size_t at = 0; at < bindings.size(); ++at) {
        auto& [id, code, version] = bindings[at];
        if (!id) continue;
        const auto type = catalog.event_types().find(*id);
        const auto pointer = "/eventTypes/" + std::to_string(at) + "/eventTypeId";
        if (!type)
            faults.push_back({pointer, "names no event type"});
        else if (!code.text().empty() && code.text() != type->code.text())
            faults.push_back({pointer, "is that of \"" + type->code.text() + "\", not of eventTypeCode"});
        else
            code = EventTypePattern::parse(type->code.text()).value();
        id.reset();
    }
    return bindings;
}

http::Routes SubscriptionApi::routes() {
    using http::bind;
    constexpr http::Permission may_read{"platform:messaging:subscription:view"};
    constexpr http::Permission may_create{"platform:messaging:subscription:create"};
    constexpr http::Permission may_update{"platform:messaging:subscription:update"};
    constexpr http::Permission may_delete{"platform:messaging:subscription:delete"};
    http::Routes routes("/api/subscriptions", "Subscriptions");
    routes.get("", "List subscriptions", bind(this, &SubscriptionApi::list), may_read);
    routes.get("/{id}", "Get a subscription", bind(this, &SubscriptionApi::get), may_read);
    routes.post("", "Create a subscription", bind(this, &SubscriptionApi::create), may_create)
        .example(create_example)
        .shows(created_example)
        .says("A missing `code` is made from the name. The answer has the `signingSecret`, this once.")
        .reads(resource::client_header);
    routes.put("/{id}", "Edit a subscription", bind(this, &SubscriptionApi::edit), may_update)
        .example(edit_example);
    routes.patch("/{id}", "Patch a subscription", bind(this, &SubscriptionApi::edit), may_update)
        .example(edit_example);
    routes.remove("/{id}", "Delete a subscription", bind(this, &SubscriptionApi::remove), may_delete)
        .says("Its jobs that have not ended are cancelled.");
    routes.post("/{id}/pause", "Pause a subscription", bind(this, &SubscriptionApi::pause), may_update)
        .says("Events go on making jobs; they wait, in order and without ageing, until it is resumed.");
    routes.post("/{id}/resume", "Resume a subscription", bind(this, &SubscriptionApi::resume), may_update);
    routes.post("/{id}/rotate-secret", "Rotate the secret", bind(this, &SubscriptionApi::rotate), may_update)
        .example(R"({"gracePeriodSeconds": 3600})")
        .says("The answer has the new `signingSecret`, this once. Until the grace ends both secrets sign.");
    routes.remove(
        "/{id}/previous-secret",
        "End the previous secret",
        bind(this, &SubscriptionApi::end_grace),
        may_update);
    return routes;
}

SubscriptionView SubscriptionApi::view(const Subscription& subscription) const {
    SubscriptionView view;
    static_cast<SubscriptionFacts&>(view) = subscription;
    if (!previous_secret(subscription, parts_.clock->now())) view.previous_secret_expires_at.reset();
    if (const auto pool = parts_.catalog->find_pool(subscription.dispatch_pool_id)) {
        view.dispatch_pool_id = pool->id;
        view.dispatch_pool_code = pool->code;
    }
    for (auto& binding : view.event_types) {
        const auto type = parts_.catalog->event_types().find(Tsid{}, binding.event_type_code.text());
        if (type) binding.event_type_id = type->id;
    }
    return view;
}

bool SubscriptionApi::fits(const Subscription& one, const ListSubscriptions& query) const {
    const auto pool = parts_.catalog->find_pool(one.dispatch_pool_id);
    const auto& wanted_pool = query.dispatch_pool_id;
    const bool fits_pool =
        wanted_pool.empty() ||
        (pool && (pool->id.to_string() == wanted_pool || pool->code.text() == wanted_pool));
    using resource::has_text;
    using resource::is_open_or_has;
    return fits_pool && is_open_or_has(query.status, one.status) &&
           is_open_or_has(query.client_id, one.client_id) &&
           one.source == query.source.value_or(one.source) &&
           (!query.anchor_level || *query.anchor_level == !one.client_id) &&
           (has_text(one.name, query.text) || has_text(one.code.text(), query.text));
}

SubscriptionApi::SubscriptionPage SubscriptionApi::list(http::Caller caller, ListSubscriptions query) const {
    auto all = parts_.catalog->subscriptions().all(caller);
    std::erase_if(all, [&](const SubscriptionPtr& one) { return !fits(*one, query); });
    std::ranges::sort(
        all, {}, [](const SubscriptionPtr& one) { return std::pair(one->name, one->id.value); });
    return resource::page_of<"subscriptions">(
        all, query, [this](const SubscriptionPtr& one) { return view(*one); });
}

Result<SubscriptionView> SubscriptionApi::get(http::Caller caller, SubscriptionById which) const {
    return view(*parts_.catalog->subscriptions().get(caller, which.id).value());
}

void SubscriptionApi::assign_target(
    Subscription& subscription, SubscriptionFields& fields, std::vector<FieldError>& faults) const {
    const bool by_target =
        !fields.target_url || resource::is_changed_by(fields.target, fields.target_url, subscription.target);
    const auto& target = by_target ? fields.target : fields.target_url;
    if (!target) return;
    if (auto refused = parts_.egress->refuses_literal(*target))
        faults.push_back({by_target ? "/target" : "/targetUrl", std::move(refused->detail)});
    subscription.target = *target;
    fields.target.reset();
}

void SubscriptionApi::assign_pool(
    Subscription& subscription, const SubscriptionFields& fields, std::vector<FieldError>& faults) const {
    const auto& catalog = *parts_.catalog;
    const auto present = catalog.find_pool(subscription.dispatch_pool_id);
    std::optional<std::string> id;
    if (fields.dispatch_pool_id) id = fields.dispatch_pool_id->value_or("");
    const bool by_code =
        !id || resource::is_changed_by(fields.dispatch_pool_code, id, present ? present->code.text() : "");
    const auto& named = by_code ? fields.dispatch_pool_code : id;
    if (!named) return;
    const auto* pointer = by_code ? "/dispatchPoolCode" : "/dispatchPoolId";
    if (named->empty()) {
        subscription.dispatch_pool_id = {};
        return;
    }
    const auto pool = catalog.find_pool(subscription.client_id, *named);
    if (!pool) {
        faults.push_back({pointer, "names no dispatch pool"});
    } else if (pool->status == PoolStatus::archived) {
        faults.push_back({pointer, "names an archived dispatch pool"});
    } else {
        subscription.dispatch_pool_id = is_default(*pool) ? Tsid{} : Tsid{pool->id};
    }
}

Result<void> SubscriptionApi::assign(
    Subscription& subscription, SubscriptionFields fields, TimePoint now) const {
    std::vector<FieldError> faults;
    const auto wanted = wants_of(subscription);
    assign_target(subscription, fields, faults);
    assign_pool(subscription, fields, faults);
    if (fields.event_types)
        subscription.event_types = bindings_of(*fields.event_types, *parts_.catalog, faults);
    if (fields.service_account_id)
        subscription.service_account_id = fields.service_account_id->value_or(Tsid{});
    const auto rate = subscription.rate_limit_per_min;
    if (resource::is_changed_by(fields.rate_limit, fields.rate_limit_per_min, rate))
        fields.rate_limit_per_min = fields.rate_limit;
    if (fields.headers) unmask(*fields.headers, subscription.headers, faults);
    resource::assign(subscription, fields);
    if (wants_of(subscription) != wanted) subscription.wants_changed_at = now;
    if (!faults.empty()) return codec::validation_failed(std::move(faults));
    return {};
}

Task<Result<http::Created<SubscriptionView>>> SubscriptionApi::create(
    http::Request request, CreateSubscription body) {
    Subscription subscription;
    subscription.client_id = resource::owner_of_new(request, body.client_id).value();
    subscription.source = body.source.value_or(SubscriptionSource::api);
    subscription.signing_secret = secret_of(body.signing_secret).value();
    auto rule = [this, body = std::move(body)](Subscription& one, TimePoint now) {
        auto& catalog = *parts_.catalog;
        one.code =
            body.code ? *body.code : resource::free_code(catalog.subscriptions(), one.client_id, *body.name);
        return assign(one, body, now);
    };
    const auto stored =
        co_await parts_.catalog->subscriptions().insert(std::move(subscription), std::move(rule));
    http::Created<SubscriptionView> answer;
    answer.body = view(*stored.value());
    answer.body.signing_secret = (*stored)->signing_secret.reveal();
    co_return answer;
}

Task<Result<SubscriptionView>> SubscriptionApi::change(
    http::Caller caller, Tsid id, resource::Rule<Subscription> rule) {
    auto& subscriptions = parts_.catalog->subscriptions();
    const auto own = subscriptions.get(caller, id).value()->id;
    const auto changed = co_await subscriptions.change(own, std::move(rule));
    co_return view(*changed.value());
}

Task<Result<SubscriptionView>> SubscriptionApi::act(
    http::Caller caller, Tsid id, resource::Rule<Subscription> rule, std::string message) {
    auto changed = (co_await change(std::move(caller), id, std::move(rule))).value();
    changed.message = "the subscription was " + message;
    changed.subscription_id = changed.id;
    co_return changed;
}

Task<Result<SubscriptionView>> SubscriptionApi::edit(http::Caller caller, EditSubscription body) {
    const auto id = body.id;
    auto rule = [this, fields = SubscriptionFields(std::move(body))](Subscription& one, TimePoint now) {
        return assign(one, fields, now);
    };
    return change(std::move(caller), id, std::move(rule));
}

Task<Result<SubscriptionView>> SubscriptionApi::pause(http::Caller caller, SubscriptionById which) {
    auto rule = [](Subscription& one, TimePoint now) { return messaging::pause(one, now, ""); };
    return act(std::move(caller), which.id, std::move(rule), "paused");
}

Task<Result<SubscriptionView>> SubscriptionApi::resume(http::Caller caller, SubscriptionById which) {
    return act(std::move(caller), which.id, messaging::resume, "resumed");
}

Task<Result<SubscriptionView>> SubscriptionApi::rotate(http::Caller caller, RotateSecret body) {
    const auto fresh = secret_of(body.signing_secret).value();
    const seconds grace{body.grace_period_seconds.value()};
    auto rule = [fresh, grace](Subscription& one, TimePoint now) {
        return rotate_secret(one, fresh, grace, now);
    };
    auto rotated = co_await change(std::move(caller), body.id, std::move(rule));
    if (rotated) rotated->signing_secret = fresh.reveal();
    co_return rotated;
}

Task<Result<void>> SubscriptionApi::end_grace(http::Caller caller, SubscriptionById which) {
    const auto changed = co_await change(std::move(caller), which.id, messaging::end_grace);
    if (!changed) co_return changed.error();
    co_return Result<void>();
}

Task<Result<void>> SubscriptionApi::remove(http::Caller caller, SubscriptionById which) {
    auto& subscriptions = parts_.catalog->subscriptions();
    const auto id = subscriptions.get(caller, which.id).value()->id;
    const auto removed = co_await subscriptions.remove(id, accept);
    removed.value();
    // Nothing matches it from here on, so what is open now is all there will be.
    std::size_t cancelled = 1;
    while (cancelled > 0) {
        std::string reason = "the subscription was deleted";
        cancelled = co_await parts_.messages->cancel_of_owner(id, std::move(reason), cancelled_at_once);
    }
    co_return Result<void>();
}

}  // namespace fc::messaging

namespace fc::codec {

using messaging::CreateSubscription;
using messaging::EditSubscription;
using messaging::EventTypeBinding;
using messaging::SubscriptionFields;
using messaging::WantedEventType;

void Traits<WantedEventType>::read(JsonValue in, WantedEventType& out, const Place& at) {
    const auto errors = at.count();
    if (in.is_string()) {
        Traits<messaging::EventTypePattern>::read(in, out.event_type_code, at);
    } else {
        Traits<EventTypeBinding>::read(in, out, at);
    }
    if (at.count() == errors && out.event_type_code.text().empty() && !out.event_type_id)
        Place{at, "eventTypeCode"}.fail("is required, or eventTypeId");
    if (out.spec_version && out.spec_version->empty()) out.spec_version.reset();
    if (out.spec_version && out.spec_version->find('*') != std::string::npos)
        Place{at, "specVersion"}.fail("must be a version as it is; without one, all are wanted");
}

namespace {

constexpr std::size_t event_types_max = 1'000;
constexpr std::size_t name_bytes_max = 255;

template <class T>
void check_fields(const SubscriptionFields& body, Faults<T>& faults) {
    using Fields = SubscriptionFields;
    faults.expect(!body.name || !body.name->empty(), &Fields::name, "must not be empty");
    faults.expect(
        !body.name || body.name->size() <= name_bytes_max, &Fields::name, "must be at most 255 bytes");
    const bool has_types = !body.event_types || !body.event_types->empty();
    faults.expect(has_types, &Fields::event_types, "must name at least one event type");
    const bool few_types = !body.event_types || body.event_types->size() <= event_types_max;
    faults.expect(few_types, &Fields::event_types, "must be at most 1000");
}

}  // namespace

void Rules<CreateSubscription>::check(const CreateSubscription& body, Faults<CreateSubscription>& faults) {
    using Fields = SubscriptionFields;
    check_fields(body, faults);
    faults.expect(body.name.has_value(), &Fields::name, "is required");
    faults.expect(body.event_types.has_value(), &Fields::event_types, "is required");
    faults.expect(body.target || body.target_url, &Fields::target_url, "is required");
}

void Rules<EditSubscription>::check(const EditSubscription& body, Faults<EditSubscription>& faults) {
    check_fields(body, faults);
}

}  // namespace fc::codec
