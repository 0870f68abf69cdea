// node --test, against a mock that runs: `routee-mock serve`, or ROUTEE_MOCK_URL says where.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

const mock = process.env.ROUTEE_MOCK_URL ?? "http://127.0.0.1:8080";

async function ask(method, url, body, headers = {}) {
  const reply = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const answer = reply.status === 204 ? null : await reply.json();
  assert.ok(reply.ok, JSON.stringify(answer));
  return answer;
}

let sandbox, control, webhook, heard;

before(async () => {
  sandbox = await ask("POST", `${mock}/_mock/sandboxes`, { clock: "manual" });
  control = `${mock}/_mock/sandboxes/${sandbox.id}`;
  heard = [];
  webhook = createServer(async (request, reply) => {
    let body = "";
    for await (const part of request) body += part;
    heard.push(JSON.parse(body).status);
    reply.writeHead(204).end();
  });
  await new Promise((listening) => webhook.listen(0, "127.0.0.1", listening));
});

after(async () => {
  webhook.closeAllConnections();
  webhook.close();
  await ask("DELETE", control);
});

async function token() {
  const credentials = btoa(`${sandbox.applicationId}:${sandbox.applicationSecret}`);
  const reply = await fetch(`${mock}/oauth/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  return (await reply.json()).access_token;
}

test("an Sms follows when Viber expires", async () => {
  const to = "+306900000000";
  await ask("POST", `${control}/scenarios`, { name: "no-viber", when: { to }, viber: "expired", sms: "delivered" });
  const flow = [
    { type: "Viber", to, senderInfoTrackingId: "shop", message: { text: "It is ready." } },
    { type: "Sms", to, from: "Shop", message: { body: "It is ready." } },
  ];
  const callback = { strategy: "OnCompletion", url: `http://127.0.0.1:${webhook.address().port}/routee` };
  const headers = { Authorization: `Bearer ${await token()}`, "Content-Type": "application/json" };
  await ask("POST", `${mock}/failover`, { flow, callback }, headers);
  await ask("POST", `${control}/clock/advance`, { until: "idle" });
  assert.deepEqual(heard, ["Succeeded"]);

  const verdict = await ask("POST", `${control}/verify`, {
    expect: [{ flow: { to }, status: "Succeeded", heard: ["Viber EXPIRED", "Sms Delivered"] }],
  });
  assert.ok(verdict.ok, verdict.expectations[0].says);
});
