#include "api.h"

namespace fc::app {
namespace {

constexpr std::string_view description =
    "Applications publish events; subscriptions say which events go to which target; every match becomes a "
    "dispatch job, which is delivered as a signed webhook.\n\n"
    "Each call carries `Authorization: Bearer TOKEN`. What is wrong is answered as "
    "`application/problem+json` "
    "with all faults at once, each with a JSON pointer. Ids have 13 characters, times are RFC 3339. Members "
    "that a body does not have are left as they are, or as the schema says; empty ones are left out of "
    "answers. The repository's `docs/api.md` tells what belongs together, `docs/webhooks.md` what a target "
    "gets.";

const codec::Glossary tags{
    {"BFF", "What user interfaces show: lists with every filter, raw views, counts."},
    {"Bulk Operations",
     "Send again, cancel or make anew many jobs; durable, at a rate, and stopped at will."},
    {"Dispatch Jobs", "One delivery each: made by a match of an event, or by an application."},
    {"Dispatch Pools", "How much of a target's capacity deliveries may use: concurrency and rate."},
    {"Dispatch Processing", "For routers in other processes."},
    {"Event Types", "What kinds of events there are, with their schemas."},
    {"Events", "What applications publish."},
    {"Explanations", "Why an event or a job is where it is."},
    {"Health", "For probes and for Prometheus."},
    {"Subscriptions", "Which events go to which target, and how."},
    {"Verification", "Counts anew what is stored."},
};

const codec::Glossary glossary{
    {"causationId", "What brought it about: an id of the publisher's."},
    {"clientId", "The tenant; absent: the platform."},
    {"clientIds", "Tenants; `null` is the platform."},
    {"concurrency", "Requests at a time."},
    {"correlationId", "Goes along with each delivery, as a header."},
    {"createdAfter", "Inclusive."},
    {"createdBefore", "Inclusive."},
    {"cursor", "`nextCursor` of the page before, for the rows that follow it. Not together with a page."},
    {"data", "A text is delivered as that text, any other JSON value as its very bytes."},
    {"dataBase64", "Instead of `data`: bytes that are no JSON."},
    {"dataOnly",
     "True: the body of a delivery is the data alone; false: an envelope with the event's fields."},
    {"deduplicationId", "The same again, of one client, is answered with what is stored."},
    {"delaySeconds", "Before the first attempt."},
    {"dispatchJobCount", "How many subscriptions wanted it: one job each."},
    {"dispatchPoolId", "The dispatch pool; where it is asked for, its code will do."},
    {"dryRun", "Only counts what would be done."},
    {"error", "A code for programs, which does not change."},
    {"eventTypes",
     "Types, or patterns of them: `*` is one segment between `.` or `:`, a trailing `**` all the rest."},
    {"gracePeriodSeconds", "How long the secret before signs too."},
    {"idempotencyKey", "The same again, of one client, is answered with what is stored."},
    {"maxAgeSeconds", "How long a job is tried, from when it is the first of its group; holds do not count."},
    {"maxRetries", "Attempts in all; absent: only its age ends a job."},
    {"messageGroup", "What is in one group is delivered in order."},
    {"mode",
     "NEXT_ON_ERROR: after a failure goes on with the next of the group. BLOCK_ON_ERROR: holds the group. "
     "IMMEDIATE: no order."},
    {"neverAttempted", "True: only jobs without an attempt."},
    {"nextAttemptAt", "Not before."},
    {"nextCursor", "Where the list goes on; absent on the last page."},
    {"page", "From 0."},
    {"payload", "A text is sent as that text, any other JSON value as its very bytes."},
    {"pointer", "JSON pointer to the member; of a query or a path, to the parameter."},
    {"rateLimit", "Requests a minute; absent: no limit."},
    {"rateLimitPerMin", "Requests a minute; absent: no limit."},
    {"ratePerMinute", "Jobs a minute."},
    {"retryStrategy", "LINEAR, EXPONENTIAL, or the waits in seconds."},
    {"scheduledFor", "Not before."},
    {"signingSecret", "Signs the deliveries; shown in this answer only."},
    {"size", "Rows a page has at most."},
    {"specVersion", "The version of the type's schema."},
    {"target", "Where deliveries are sent."},
    {"targetUrl", "Where deliveries are sent."},
    {"timeoutSeconds", "Of one request to the target."},
    {"totalIsExact", "False: there are at least as many."},
    {"traceId", "Finds the error in the log."},
};

}  // namespace

http::ApiInfo api_info() {
    http::ApiInfo info;
    info.description = description;
    info.tags = tags;
    info.glossary = glossary;
    return info;
}

}  // namespace fc::app
