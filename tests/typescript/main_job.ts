// The main job with the generated client: subscribe, publish, wait for the delivery, read its attempts.
// Arguments: the product's URL, a token, the target's URL. Prints what it found as one line of JSON.

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./client.js";

type Problem = components["schemas"]["Problem"];
type Job = components["schemas"]["JobView"];

const [baseUrl, token, targetUrl] = process.argv.slice(2);
if (!baseUrl || !token || !targetUrl) throw new Error("usage: main_job URL TOKEN TARGET_URL");

const client: Client<paths> = createClient<paths>({
  baseUrl,
  headers: { Authorization: `Bearer ${token}` },
});

/** What an answer carries, or an error with what the product says is wrong. */
function unwrap<T>(answer: { data?: T; error?: Problem; response: Response }): T {
  if (answer.data !== undefined) return answer.data;
  throw new Error(`${answer.response.status} ${answer.error?.error}: ${answer.error?.detail}`);
}

async function finished(eventId: string): Promise<Job> {
  for (let tries = 0; tries < 200; tries++) {
    const jobs = unwrap(await client.GET("/api/dispatch/jobs", { params: { query: { eventId } } }));
    const job = jobs.items[0];
    if (job?.status === "COMPLETED" || job?.status === "ERROR") return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the job did not end within 10 s");
}

/** A body that is wrong in two places. The compiler knows the members of the problem. */
async function refusedPointers(): Promise<string[]> {
  const { data, error } = await client.POST("/api/events", {
    body: { type: "Not a type", source: "" },
  });
  if (data !== undefined || error === undefined) throw new Error("a wrong event was accepted");
  const problem: Problem = error;
  if (problem.status !== 400) throw new Error(`${problem.status}: ${problem.detail}`);
  return (problem.errors ?? []).map((fault) => fault.pointer).sort();
}

const subscription = unwrap(
  await client.POST("/api/subscriptions", {
    body: { name: "From TypeScript", eventTypes: ["typescript.*"], targetUrl, mode: "BLOCK_ON_ERROR" },
  }),
);
const event = unwrap(
  await client.POST("/api/events", {
    body: { type: "typescript.created", source: "test", data: { from: "TypeScript" }, messageGroup: "g" },
  }),
);
const job = await finished(event.id);
const attempts = unwrap(
  await client.GET("/api/dispatch/jobs/{id}/attempts", { params: { path: { id: job.id } } }),
);
const listed = unwrap(
  await client.GET("/api/bff/dispatch-jobs", {
    params: { query: { subscriptionIds: [subscription.id], statuses: ["COMPLETED", "ERROR"] } },
  }),
);
const missing = await client.GET("/api/events/{id}", { params: { path: { id: "0HZXEQ5Y8JY5Z" } } });

console.log(
  JSON.stringify({
    secret: subscription.signingSecret,
    event: event.id,
    job: job.id,
    status: job.status,
    attempts: attempts.items.map((attempt) => [attempt.status, attempt.responseCode]),
    listed: listed.items.map((row) => row.id),
    refused: await refusedPointers(),
    missing: missing.error?.error,
  }),
);
