// HubSpot's own client for Node, unmodified, against the local HubSpot.

const assert = require("node:assert");
const { Client } = require("@hubspot/api-client");
const { job, run } = require("../jobs.js");

const CROWD = 2100;
let place;

async function signIn(given) {
  place = given;
  return new Client({ accessToken: place.token, basePath: place.url, numberOfApiCallRetries: 0 });
}

async function contact(portal, email) {
  const made = await portal.crm.contacts.basicApi.create({ properties: { email }, associations: [] });
  return made.id;
}

async function clara(portal) {
  const read = portal.crm.contacts.basicApi.getById("clara@acme.example", undefined, undefined, undefined, false, "email");
  return (await read).id;
}

job("contacts_are_paged_through", async (portal) => {
  const page = await portal.crm.contacts.basicApi.getPage(100);
  assert.equal(page.results.length, 100);
  const next = await portal.crm.contacts.basicApi.getPage(100, page.paging.next.after);
  assert.notEqual(page.results[0].id, next.results[0].id);
});

job("all_contacts_are_fetched", async (portal) => {
  const all = await portal.crm.contacts.getAll(100);
  assert.equal(new Set(all.map((one) => one.id)).size, CROWD);
  assert.ok(all[0].createdAt instanceof Date);
});

job("a_contact_lives_and_is_archived", async (portal) => {
  const made = await contact(portal, "dora@acme.example");
  await portal.crm.contacts.basicApi.update(made, { properties: { firstname: "Dora" } });
  const read = await portal.crm.contacts.basicApi.getById(made, ["firstname"]);
  assert.equal(read.properties.firstname, "Dora");
  await portal.crm.contacts.basicApi.archive(made);
  await assert.rejects(portal.crm.contacts.basicApi.getById(made), { code: 404 });
});

job("many_contacts_are_made_read_changed_and_archived", async (portal) => {
  const batch = portal.crm.contacts.batchApi;
  const inputs = [0, 1, 2].map((n) => ({ properties: { email: `e${n}@acme.example` }, associations: [] }));
  const made = await batch.create({ inputs });
  const ids = made.results.map((one) => ({ id: one.id }));
  await batch.update({ inputs: ids.map((one) => ({ ...one, properties: { jobtitle: "CTO" } })) });
  const told = await batch.read({ inputs: ids, properties: ["jobtitle"], propertiesWithHistory: [] });
  assert.deepEqual(told.results.map((one) => one.properties.jobtitle), ["CTO", "CTO", "CTO"]);
  await batch.archive({ inputs: ids });
});

job("contacts_are_upserted_by_address", async (portal) => {
  const row = { id: "fay@acme.example", idProperty: "email", properties: { lastname: "Fay" } };
  const first = await portal.crm.contacts.batchApi.upsert({ inputs: [row] });
  assert.equal(first.results[0]._new, true);
});

job("contacts_are_searched", async (portal) => {
  const filters = [{ propertyName: "email", operator: "EQ", value: "clara@acme.example" }];
  const found = await portal.crm.contacts.searchApi.doSearch({ filterGroups: [{ filters }], properties: ["lastname"], limit: 10 });
  assert.equal(found.total, 1);
  assert.equal(found.results[0].properties.lastname, "Crow");
});

job("associations_are_read_many_at_a_time", async (portal) => {
  const id = await clara(portal);
  const told = await portal.crm.associations.v4.batchApi.getPage("contacts", "emails", { inputs: [{ id }] });
  assert.equal(told.results[0].to.length, 3);
});

job("an_association_is_made_and_archived", async (portal) => {
  const made = await contact(portal, "gus@acme.example");
  const company = (await portal.crm.companies.basicApi.getPage()).results[0].id;
  const links = portal.crm.associations.v4.basicApi;
  await links.createDefault("contacts", made, "companies", company);
  assert.equal((await links.getPage("contacts", made, "companies")).results.length, 1);
  await links.archive("contacts", made, "companies", company);
  assert.equal((await links.getPage("contacts", made, "companies")).results.length, 0);
});

job("many_associations_are_made_and_archived", async (portal) => {
  const batch = portal.crm.associations.v4.batchApi;
  const made = await contact(portal, "jay@acme.example");
  const company = (await portal.crm.companies.basicApi.getPage()).results[0].id;
  const pair = { _from: { id: made }, to: { id: company } };
  const labelled = { ...pair, types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 1 }] };
  await batch.createDefault("contacts", "companies", { inputs: [pair] });
  await batch.create("contacts", "companies", { inputs: [labelled] });
  const kinds = async () => {
    const told = await batch.getPage("contacts", "companies", { inputs: [{ id: made }] });
    return told.results[0].to[0].associationTypes.map((kind) => kind.typeId).sort();
  };
  assert.deepEqual(await kinds(), [1, 279]);
  await batch.archiveLabels("contacts", "companies", { inputs: [labelled] });
  assert.deepEqual(await kinds(), [279]);
  await batch.archive("contacts", "companies", { inputs: [{ _from: { id: made }, to: [{ id: company }] }] });
  const told = await batch.getPage("contacts", "companies", { inputs: [{ id: made }] });
  assert.equal(told.errors[0].subCategory, "crm.associations.NO_ASSOCIATIONS_FOUND");
});

job("a_label_of_associations_lives_and_is_archived", async (portal) => {
  const api = portal.crm.associations.v4.schema.definitionsApi;
  const made = await api.create("contacts", "companies", { name: "adviser", label: "Adviser" });
  const kind = made.results[0].typeId;
  const labels = async () => {
    const told = await api.getAll("contacts", "companies");
    return told.results.filter((one) => one.category === "USER_DEFINED").map((one) => one.label);
  };
  assert.deepEqual(await labels(), ["Adviser"]);
  await api.update("contacts", "companies", { associationTypeId: kind, label: "Board" });
  assert.deepEqual(await labels(), ["Board"]);
  await api.remove("contacts", "companies", kind);
  assert.deepEqual(await labels(), []);
});

job("emails_and_deals_are_read", async (portal) => {
  const emails = await portal.crm.objects.emails.basicApi.getPage(10, undefined, ["hs_email_direction"]);
  assert.equal(emails.results.length, 3);
  const properties = { dealname: "Nest", dealstage: "closedwon" };
  const made = await portal.crm.deals.basicApi.create({ properties, associations: [] });
  const read = await portal.crm.deals.basicApi.getById(made.id, ["dealname", "hs_is_closed_won"]);
  assert.equal(read.properties.dealname, "Nest");
});

job("a_property_lives_and_is_archived", async (portal) => {
  const api = portal.crm.properties.coreApi;
  await portal.crm.properties.groupsApi.create("contacts", { name: "ties", label: "Ties" });
  const body = { name: "tie_test", label: "Tie", type: "number", fieldType: "number", groupName: "ties" };
  await api.create("contacts", body);
  assert.equal((await api.getByName("contacts", "tie_test")).fieldType, "number");
  await assert.rejects(api.create("contacts", body), { code: 409 });
  assert.equal((await api.update("contacts", "tie_test", { label: "Tied" })).label, "Tied");
  assert.ok((await api.getAll("contacts")).results.some((one) => one.name === "tie_test"));
  await api.archive("contacts", "tie_test");
});

job("many_properties_are_made_read_and_archived", async (portal) => {
  const batch = portal.crm.properties.batchApi;
  const names = [{ name: "tie_0" }, { name: "tie_1" }];
  const usual = { type: "string", fieldType: "text", groupName: "ties" };
  await batch.create("contacts", { inputs: names.map((one) => ({ ...one, ...usual, label: one.name })) });
  const told = await batch.read("contacts", { inputs: names, archived: false });
  assert.deepEqual(told.results.map((one) => one.name).sort(), ["tie_0", "tie_1"]);
  await batch.archive("contacts", { inputs: names });
});

job("a_group_is_renamed_and_archived", async (portal) => {
  const api = portal.crm.properties.groupsApi;
  await api.create("companies", { name: "ties", label: "Ties" });
  assert.equal((await api.update("companies", "ties", { label: "Bonds" })).label, "Bonds");
  assert.ok((await api.getAll("companies")).results.some((one) => one.name === "ties"));
  assert.equal((await api.getByName("companies", "ties")).label, "Bonds");
  await api.archive("companies", "ties");
  await assert.rejects(api.getByName("companies", "ties"), { code: 404 });
});

job("owners_and_pipelines_are_listed", async (portal) => {
  const owners = await portal.crm.owners.ownersApi.getPage("anne@ours.example");
  assert.equal(owners.results[0].firstName, "Anne");
  assert.equal((await portal.crm.owners.ownersApi.getById(Number(owners.results[0].id))).firstName, "Anne");
  const pipelines = await portal.crm.pipelines.pipelinesApi.getAll("deals");
  assert.ok(pipelines.results[0].stages.some((stage) => stage.id === "closedwon"));
});

job("a_pipeline_and_its_stages_live_and_are_archived", async (portal) => {
  const { pipelinesApi: pipelines, pipelineStagesApi: stages } = portal.crm.pipelines;
  const stage = { label: "New", displayOrder: 0, metadata: { probability: "0.1" } };
  const { id } = await pipelines.create("deals", { label: "Renewals", displayOrder: 1, stages: [stage] });
  assert.equal((await pipelines.update("deals", id, { label: "Upsells" })).label, "Upsells");
  assert.equal((await pipelines.getById("deals", id)).label, "Upsells");
  const late = { label: "Late", displayOrder: 1, metadata: { probability: "0.9" } };
  const other = await stages.create("deals", id, late);
  await stages.update("deals", id, other.id, { label: "Later", metadata: late.metadata });
  assert.equal((await stages.getById("deals", id, other.id)).label, "Later");
  await stages.replace("deals", id, other.id, late);
  await stages.archive("deals", id, other.id);
  const [left] = (await stages.getAll("deals", id)).results;
  const whole = { label: "Renewals", displayOrder: 1, stages: [{ ...stage, stageId: left.id }] };
  assert.equal((await pipelines.replace("deals", id, whole)).label, "Renewals");
  await pipelines.archive("deals", id);
  assert.ok(!(await pipelines.getAll("deals")).results.some((one) => one.id === id));
});

job("webhooks_are_subscribed_to", async () => {
  const app = Number(place.app_id);
  const { settingsApi, subscriptionsApi: api } = new Client({ developerApiKey: place.developer_key, basePath: place.url }).webhooks;
  const target = { targetUrl: "https://hooks.example/in", throttling: { maxConcurrentRequests: 10 } };
  assert.equal((await settingsApi.configure(app, target)).targetUrl, target.targetUrl);
  const made = await api.create(app, { eventType: "contact.creation", active: true });
  assert.ok((await api.getAll(app)).results.some((one) => one.id === made.id));
  assert.equal((await api.update(Number(made.id), app, { active: false })).active, false);
  const told = await api.updateBatch(app, { inputs: [{ id: Number(made.id), active: true }] });
  assert.equal(told.results[0].active, true);
  assert.equal((await api.getById(Number(made.id), app)).active, true);
  await api.archive(Number(made.id), app);
  assert.equal((await settingsApi.getAll(app)).throttling.maxConcurrentRequests, 10);
  await settingsApi.clear(app);
});

job("a_contact_is_forgotten", async (portal) => {
  const objectId = await contact(portal, "ida@acme.example");
  await portal.crm.contacts.basicApi.purge({ objectId });
  await assert.rejects(portal.crm.contacts.basicApi.getById(objectId), { code: 404 });
});

job("two_contacts_are_merged", async (portal) => {
  const one = await contact(portal, "hal@acme.example");
  const other = await contact(portal, "hank@acme.example");
  const kept = await portal.crm.contacts.basicApi.merge({ primaryObjectId: one, objectIdToMerge: other });
  assert.equal((await portal.crm.contacts.basicApi.getById(other)).id, kept.id);
});

job("a_token_is_refreshed", async () => {
  const app = new Client({ basePath: place.url });
  const told = await app.oauth.tokensApi.create("refresh_token", undefined, undefined, place.client_id, place.client_secret, place.refresh_token);
  assert.equal(told.expiresIn, 1800);
  app.setAccessToken(told.accessToken);
  assert.ok((await app.crm.owners.ownersApi.getPage()).results.length > 0);
  assert.ok((await app.oauth.accessTokensApi.get(told.accessToken)).hubId > 0);
  assert.equal((await app.oauth.refreshTokensApi.get(place.refresh_token)).clientId, place.client_id);
  await app.oauth.refreshTokensApi.archive(place.refresh_token);
  await assert.rejects(app.oauth.refreshTokensApi.get(place.refresh_token), { code: 404 });
});

job("any_path_may_be_asked", async (portal) => {
  const told = await portal.apiRequest({ path: "/account-info/v3/details" });
  assert.ok((await told.json()).portalId > 0);
});

job("a_wrong_token_is_refused", async () => {
  const stranger = new Client({ accessToken: "pat-na1-00000000-0000-0000-0000-000000000000", basePath: place.url });
  await assert.rejects(stranger.crm.owners.ownersApi.getPage(), { code: 401 });
});

run(signIn);
