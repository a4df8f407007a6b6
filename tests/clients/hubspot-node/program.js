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

job("a_property_lives_and_is_archived", async (portal) => {
  const api = portal.crm.properties.coreApi;
  await portal.crm.properties.groupsApi.create("contacts", { name: "ties", label: "Ties" });
  const body = { name: "tie_test", label: "Tie", type: "number", fieldType: "number", groupName: "ties" };
  await api.create("contacts", body);
  assert.equal((await api.getByName("contacts", "tie_test")).fieldType, "number");
  await assert.rejects(api.create("contacts", body), { code: 409 });
  await api.archive("contacts", "tie_test");
});

job("owners_and_pipelines_are_listed", async (portal) => {
  const owners = await portal.crm.owners.ownersApi.getPage("anne@ours.example");
  assert.equal(owners.results[0].firstName, "Anne");
  const pipelines = await portal.crm.pipelines.pipelinesApi.getAll("deals");
  assert.ok(pipelines.results[0].stages.some((stage) => stage.id === "closedwon"));
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
