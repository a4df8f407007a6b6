// salesforce-pubsub-api-client, unmodified, against the local Salesforce.

const assert = require("node:assert");
const { setTimeout: pause } = require("node:timers/promises");
const { default: Client } = require("salesforce-pubsub-api-client");
const { job, run, wait } = require("../jobs.js");

const CONTACTS = "/data/ContactChangeEvent";
const CODES = "sfdc.platform.eventbus.grpc";
const LONGEST_MS = 20000;

let place;
let clara;

async function pull(lever, given) {
  const body = JSON.stringify(given);
  const answer = await fetch(`${place.door}/levers/${lever}`, { method: "POST", body });
  assert.equal(answer.status, 200, await answer.clone().text());
}

async function signIn(given) {
  place = given;
  await pull("select_change_events", { objects: ["Contact", "Account"] });
  const records = await (await fetch(`${place.door}/records`)).text();
  const lines = records.trim().split("\n").map((line) => JSON.parse(line));
  clara = lines.find((record) => record.name === "Clara Crow").id;
  return open;
}

// The client insists on TLS; this flag is its own, for certificates that sign themselves.
async function open() {
  const client = new Client({
    authType: "oauth-client-credentials",
    loginUrl: place.url,
    clientId: place.client_id,
    clientSecret: place.client_secret,
    pubSubEndpoint: place.pubsub_tls,
    rejectUnauthorizedSsl: false,
  }, { debug() {}, info() {}, warn() {}, error() {} });
  await client.connect();
  return client;
}

const edit = (values) => pull("edit", { record_id: clara, ...values });

// What a subscription calls back with, until enough of it came.
function heard(isEnough, subscribe) {
  return new Promise((resolve, reject) => {
    const found = [];
    const late = setTimeout(() => reject(new Error(`Only ${found.map((one) => one.kind)}`)), LONGEST_MS);
    subscribe((_, kind, told) => {
      found.push({ kind, told });
      if (!isEnough(found)) return;
      clearTimeout(late);
      resolve(found);
    });
  });
}

const events = (found) => found.filter((one) => one.kind === "event").map((one) => one.told);
const first = (kind) => (found) => found.some((one) => one.kind === kind);

// First, because a closed client leaves its streams open, with nobody who would take their error.
job("a_broken_stream_is_told", async (open) => {
  const client = await open();
  await edit({ Title: "Broken" });
  const found = await heard(first("error"), (callback) => {
    client.subscribeFromEarliestEvent(CONTACTS, (info, kind, told) => {
      if (kind === "event") pull("break_streams", {});
      callback(info, kind, told);
    });
  });
  assert.equal(found.find((one) => one.kind === "error").told.code, 14);
  client.close();
});

job("a_change_is_heard_and_decoded", async (open) => {
  const client = await open();
  await edit({ Title: "CEO", FirstName: "Claire", Department: null });
  const found = await heard((all) => events(all).some((one) => one.payload.Title === "CEO"), (callback) =>
    client.subscribeFromEarliestEvent(CONTACTS, callback));
  const { payload } = events(found).at(-1);
  assert.equal(payload.ChangeEventHeader.entityName, "Contact");
  assert.equal(payload.ChangeEventHeader.changeType, "UPDATE");
  assert.deepEqual(payload.ChangeEventHeader.recordIds, [clara]);
  const changed = [...payload.ChangeEventHeader.changedFields].sort();
  assert.deepEqual(changed, ["LastModifiedDate", "Name.FirstName", "Title"]);
  assert.equal(payload.Title, "CEO");
  assert.ok(payload.LastModifiedDate > 1.7e12);
  client.close();
});

job("a_write_over_rest_is_heard_at_the_tip_of_all_changes", async (open) => {
  const client = await open();
  let isHeard = false;
  const waiting = heard((all) => events(all).length > 0, (callback) =>
    client.subscribe("/data/ChangeEvents", callback)).finally(() => { isHeard = true; });
  for (let number = 0; !isHeard && number < 100; number += 1) {
    await edit({ Title: `Title ${number}` });
    await pause(50);
  }
  const [event] = events(await waiting);
  assert.match(event.payload.Title, /^Title \d+$/);
  client.close();
});

job("a_subscription_goes_on_behind_a_replay_id", async (open) => {
  const client = await open();
  await edit({ Title: "One" });
  await edit({ Title: "Two" });
  const all = await heard((found) => events(found).some((one) => one.payload.Title === "Two"), (callback) =>
    client.subscribeFromEarliestEvent(CONTACTS, callback));
  const one = events(all).find((event) => event.payload.Title === "One");
  const other = await open();
  const rest = await heard((found) => events(found).length === 1, (callback) =>
    other.subscribeFromReplayId(CONTACTS, callback, 1, one.replayId));
  assert.equal(events(rest)[0].payload.Title, "Two");
  client.close();
  other.close();
});

job("more_is_asked_for_when_enough_has_come", async (open) => {
  const client = await open();
  const found = await heard((all) => events(all).length === 3, (callback) =>
    client.subscribeFromEarliestEvent(CONTACTS, (info, kind, told) => {
      callback(info, kind, told);
      if (kind === "lastEvent") client.requestAdditionalEvents(CONTACTS, 1);
    }, 2));
  assert.deepEqual(found.slice(0, 4).map((one) => one.kind), ["event", "event", "lastEvent", "event"]);
  client.close();
});

job("a_silent_stream_is_kept_alive", async (open) => {
  const client = await open();
  const waiting = heard(first("grpcKeepAlive"), (callback) => client.subscribe(CONTACTS, callback));
  let isAlive = false;
  waiting.finally(() => { isAlive = true; });
  for (let number = 0; !isAlive && number < 20; number += 1) {
    await pause(100);
    await wait(place, 270);
  }
  await waiting;
  client.close();
});

job("a_replay_id_that_was_never_given_is_refused_by_its_code", async (open) => {
  const client = await open();
  const found = await heard(first("error"), (callback) =>
    client.subscribeFromReplayId(CONTACTS, callback, 1, 1));
  const { code, metadata } = found.find((one) => one.kind === "error").told;
  assert.equal(code, 3);
  assert.deepEqual(metadata.get("error-code"), [`${CODES}.subscription.fetch.replayid.corrupted`]);
  client.close();
});

job("a_topic_that_is_not_there_is_not_found", async (open) => {
  const client = await open();
  const found = await heard(first("error"), (callback) => client.subscribe("/data/LeadChangeEvent", callback, 1));
  const { code, details } = found.find((one) => one.kind === "error").told;
  assert.equal(code, 5);
  assert.match(details, /Ensure the topic name is correct and that the topic exists\. rpcId: /);
  client.close();
});

job("changes_are_published_by_nobody", async (open) => {
  const client = await open();
  const ChangeEventHeader = {
    entityName: "Contact", recordIds: [clara], changeType: "UPDATE", changeOrigin: "", transactionKey: "",
    sequenceNumber: 1, commitTimestamp: 0, commitNumber: 0, commitUser: "",
    nulledFields: [], diffFields: [], changedFields: [],
  };
  await assert.rejects(client.publish(CONTACTS, { ChangeEventHeader }), (error) => error.cause.code === 7);
  client.close();
});

job("a_dead_session_is_refused_by_its_code", async (open) => {
  const client = await open();
  await pull("expire_tokens", {});
  const found = await heard(first("error"), (callback) => client.subscribe(CONTACTS, callback, 1));
  const { code, metadata } = found.find((one) => one.kind === "error").told;
  assert.equal(code, 16);
  assert.deepEqual(metadata.get("error-code"), [`${CODES}.service.auth.error`]);
  client.close();
});

run(signIn);
