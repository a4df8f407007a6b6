// jsforce, unmodified, against the local Salesforce.

const assert = require("node:assert");
const jsforce = require("jsforce");
const { job, run, wait } = require("../jobs.js");

const CROWD = 2100;

let place;

function app() {
  return {
    loginUrl: place.url,
    clientId: place.client_id,
    clientSecret: place.client_secret,
    redirectUri: "http://localhost:1717/callback",
  };
}

async function signIn(given) {
  place = given;
  // With a dead access token the first request makes the client refresh.
  return new jsforce.Connection({
    oauth2: app(),
    instanceUrl: place.url,
    loginUrl: place.url,
    accessToken: "dead",
    refreshToken: place.refresh_token,
    version: "67.0",
  });
}

job("a_dead_token_is_refreshed", async (org) => {
  let renewed = "";
  org.on("refresh", (token) => { renewed = token; });
  const found = await org.query("SELECT Id FROM Account");
  assert.equal(found.totalSize, 1);
  assert.ok(renewed.length > 20);
});

job("a_client_signs_in_by_its_credentials", async (org) => {
  const other = new jsforce.Connection({ instanceUrl: org.instanceUrl, loginUrl: org.instanceUrl, oauth2: org.oauth2 });
  const user = await other.authorize({ grant_type: "client_credentials" });
  assert.match(user.id, /^005/);
  assert.match(user.organizationId, /^00D/);
});

job("a_person_signs_in_with_a_code_and_its_proof", async (org) => {
  await fetch(`${place.door}/levers/approve_by_itself`, { method: "POST", body: "{}" });
  const oauth2 = new jsforce.OAuth2({ ...app(), useVerifier: true });
  const asked = oauth2.getAuthorizationUrl({ scope: "api refresh_token", state: "s1" });
  const answer = await fetch(asked, { redirect: "manual" });
  const back = new URL(answer.headers.get("location"));
  assert.equal(back.searchParams.get("state"), "s1");
  const other = new jsforce.Connection({ oauth2, instanceUrl: place.url, version: "67.0" });
  await other.authorize(back.searchParams.get("code"));
  assert.ok(other.refreshToken);
  assert.equal((await other.query("SELECT Id FROM Account")).totalSize, 1);
  const thief = new jsforce.Connection({ oauth2: new jsforce.OAuth2(app()) });
  await assert.rejects(thief.authorize(back.searchParams.get("code")), { name: "invalid_grant" });
});

job("the_user_tells_who_they_are", async (org) => {
  const who = await org.identity();
  assert.match(who.user_id, /^005/);
});

job("a_query_gives_rows", async (org) => {
  const found = await org.query("SELECT Id, Name, Account.Name FROM Contact WHERE LastName = 'Crow'");
  assert.equal(found.totalSize, 1);
  assert.equal(found.records[0].Name, "Clara Crow");
  assert.equal(found.records[0].attributes.type, "Contact");
});

job("a_query_fetches_its_pages_by_itself", async (org) => {
  const found = await org.query("SELECT Id FROM Contact", { autoFetch: true, maxFetch: 5000 });
  assert.equal(new Set(found.records.map((row) => row.Id)).size, CROWD);
});

job("query_more_gives_the_rest", async (org) => {
  const first = await org.query("SELECT Id FROM Contact");
  assert.equal(first.done, false);
  const rest = await org.queryMore(first.nextRecordsUrl);
  assert.equal(first.records.length + rest.records.length, CROWD);
});

job("rows_are_found_without_soql", async (org) => {
  const found = await org.sobject("Contact").find({ LastName: { $like: "Number2%" } }, ["Id", "LastName"]).sort({ LastName: 1 }).limit(5);
  assert.equal(found.length, 5);
  assert.equal(found[0].LastName, "Number2");
});

job("a_wrong_query_is_refused_by_its_code", async (org) => {
  await assert.rejects(org.query("SELECT Nothing__c FROM Contact"), { errorCode: "INVALID_FIELD" });
});

job("a_row_lives_and_dies", async (org) => {
  const made = await org.sobject("Contact").create({ LastName: "Dove", Email: "dora@acme.example" });
  assert.equal(made.success, true);
  const changed = await org.sobject("Contact").update({ Id: made.id, FirstName: "Dora" });
  assert.equal(changed.success, true);
  assert.equal((await org.sobject("Contact").retrieve(made.id)).Name, "Dora Dove");
  assert.equal((await org.sobject("Contact").destroy(made.id)).success, true);
  await assert.rejects(org.sobject("Contact").retrieve(made.id), { errorCode: /ENTITY_IS_DELETED|NOT_FOUND/ });
});

job("many_rows_live_and_die_together", async (org) => {
  const rows = [{ LastName: "Eagle" }, { FirstName: "No" }, { LastName: "Egret" }];
  const made = await org.sobject("Contact").create(rows);
  assert.deepEqual(made.map((one) => one.success), [true, false, true]);
  assert.equal(made[1].errors[0].statusCode, "REQUIRED_FIELD_MISSING");
  const ids = [made[0].id, made[2].id];
  const changed = await org.sobject("Contact").update(ids.map((Id) => ({ Id, Title: "Bird" })));
  assert.deepEqual(changed.map((one) => one.success), [true, true]);
  const gone = await org.sobject("Contact").destroy(ids);
  assert.deepEqual(gone.map((one) => one.success), [true, true]);
});

job("rows_are_upserted_by_an_external_id", async (org) => {
  const wren = { LastName: "Wren", Email: "willa@acme.example" };
  assert.equal((await org.sobject("Contact").upsert(wren, "Email")).created, true);
  const both = [{ ...wren, Title: "Bird" }, { LastName: "Wren", Email: "will@acme.example" }];
  const told = await org.sobject("Contact").upsert(both, "Email");
  assert.deepEqual(told.map((one) => one.created), [false, true]);
  await org.sobject("Contact").destroy(told.map((one) => one.id));
});

job("a_custom_field_is_made_and_shown_to_who_has_the_permission_set", async (org) => {
  const Metadata = { type: "Number", label: "Tie", precision: 5, scale: 1 };
  const made = await org.tooling.sobject("CustomField").create({ FullName: "Contact.Tie__c", Metadata });
  assert.equal(made.success, true);
  assert.equal((await org.tooling.sobject("CustomField").retrieve(made.id)).DeveloperName, "Tie");
  const soql = "SELECT DeveloperName, TableEnumOrId FROM CustomField WHERE DeveloperName = 'Tie'";
  assert.equal((await org.tooling.query(soql)).records[0].TableEnumOrId, "Contact");
  await assert.rejects(org.query("SELECT Tie__c FROM Contact LIMIT 1"), { errorCode: "INVALID_FIELD" });
  const set = await org.sobject("PermissionSet").create({ Name: "Ties", Label: "Ties" });
  const rights = { SobjectType: "Contact", Field: "Contact.Tie__c", PermissionsRead: true, PermissionsEdit: true };
  await org.sobject("FieldPermissions").create({ ParentId: set.id, ...rights });
  const { user_id: AssigneeId } = await org.identity();
  await org.sobject("PermissionSetAssignment").create({ AssigneeId, PermissionSetId: set.id });
  assert.equal((await org.query("SELECT Tie__c FROM Contact LIMIT 1")).totalSize, 1);
});

job("trees_and_graphs_of_rows_are_made", async (org) => {
  const kite = { attributes: { type: "Contact", referenceId: "kite" }, LastName: "Kite" };
  const tree = { attributes: { type: "Account", referenceId: "nest" }, Name: "Nest", Contacts: { records: [kite] } };
  const grown = await org.requestPost("/composite/tree/Account", { records: [tree] });
  assert.deepEqual(grown.results.map((one) => one.referenceId), ["nest", "kite"]);
  const url = "/services/data/v67.0/sobjects";
  const compositeRequest = [
    { method: "POST", url: `${url}/Account`, referenceId: "a", body: { Name: "Nest" } },
    { method: "POST", url: `${url}/Contact`, referenceId: "c", body: { LastName: "Kite", AccountId: "@{a.id}" } },
  ];
  const drawn = await org.requestPost("/composite/graph", { graphs: [{ graphId: "g", compositeRequest }] });
  assert.equal(drawn.graphs[0].isSuccessful, true);
  const nests = await org.query("SELECT Id FROM Account WHERE Name = 'Nest'");
  await org.sobject("Account").destroy(nests.records.map((row) => row.Id));
});

job("many_rows_are_read_together", async (org) => {
  const found = await org.query("SELECT Id FROM Contact LIMIT 3");
  const rows = await org.sobject("Contact").retrieve(found.records.map((row) => row.Id));
  assert.deepEqual(rows.map((row) => row.Id), found.records.map((row) => row.Id));
});

job("deleted_rows_are_found_by_scan_all", async (org) => {
  const made = await org.sobject("Contact").create({ LastName: "Finch" });
  await org.sobject("Contact").destroy(made.id);
  const asked = "SELECT Id, IsDeleted FROM Contact WHERE LastName = 'Finch'";
  assert.equal((await org.query(asked)).totalSize, 0);
  assert.equal((await org.query(asked, { scanAll: true })).totalSize, 1);
});

job("a_describe_tells_the_fields", async (org) => {
  const told = await org.sobject("Contact").describe();
  const email = told.fields.find((field) => field.name === "Email");
  assert.equal(email.type, "email");
  assert.equal(told.keyPrefix, "003");
});

job("the_global_describe_tells_the_objects", async (org) => {
  const told = await org.describeGlobal();
  assert.ok(told.sobjects.some((one) => one.name === "Opportunity"));
});

job("updated_and_deleted_rows_are_told", async (org) => {
  const made = await org.sobject("Contact").create({ LastName: "Heron" });
  let now = await wait(place, 90);
  const start = new Date(now - 3600e3).toISOString();
  assert.ok((await org.sobject("Contact").updated(start, now.toISOString())).ids.includes(made.id));
  await org.sobject("Contact").destroy(made.id);
  now = await wait(place, 90);
  const told = await org.sobject("Contact").deleted(start, now.toISOString());
  assert.ok(told.deletedRecords.some((row) => row.id === made.id));
});

job("the_limits_and_versions_are_told", async (org) => {
  assert.ok((await org.limits()).DailyApiRequests.Max > 0);
  assert.ok((await org.request("/services/data")).some((one) => one.version === "67.0"));
  assert.ok(org.limitInfo.apiUsage.used > 0);
});

job("composite_requests_refer_to_each_other", async (org) => {
  const base = "/services/data/v67.0/sobjects";
  const compositeRequest = [
    { method: "POST", url: `${base}/Account`, referenceId: "a", body: { Name: "Nest" } },
    { method: "POST", url: `${base}/Contact`, referenceId: "c", body: { LastName: "Kite", AccountId: "@{a.id}" } },
  ];
  const told = await org.requestPost("/composite", { compositeRequest });
  assert.deepEqual(told.compositeResponse.map((one) => one.httpStatusCode), [201, 201]);
});

job("bulk_query_streams_rows", async (org) => {
  const stream = await org.bulk2.query("SELECT Id, LastName FROM Contact WHERE LastName LIKE 'Number%'");
  const rows = await stream.toArray();
  assert.equal(rows.length, CROWD - 1);
  assert.match(rows[0].Id, /^003/);
});

job("bulk_rows_are_made", async (org) => {
  const told = await org.bulk2.loadAndWaitForResults({
    object: "Contact",
    operation: "insert",
    input: [{ FirstName: "Lou", LastName: "Lark" }, { FirstName: "No", LastName: "" }],
    pollInterval: 100,
    pollTimeout: 20000,
  });
  assert.equal(told.successfulResults.length, 1);
  assert.equal(told.failedResults.length, 1);
  assert.match(told.failedResults[0].sf__Error, /REQUIRED_FIELD_MISSING/);
});

job("bulk_rows_are_upserted_and_deleted", async (org) => {
  const load = (operation, input, more) => org.bulk2.loadAndWaitForResults({
    object: "Contact", operation, input, pollInterval: 100, pollTimeout: 20000, ...more });
  const row = { LastName: "Swan", Email: "sue@acme.example" };
  const made = await load("upsert", [row], { externalIdFieldName: "Email" });
  const changed = await load("upsert", [{ ...row, Title: "Bird" }], { externalIdFieldName: "Email" });
  const [first, second] = [made, changed].map((told) => told.successfulResults[0]);
  assert.deepEqual([first.sf__Created, second.sf__Created], ["true", "false"]);
  const gone = await load("delete", [{ Id: first.sf__Id }]);
  assert.equal(gone.successfulResults.length, 1);
});

job("bulk_jobs_are_aborted_and_removed", async (org) => {
  const made = org.bulk2.createJob({ object: "Contact", operation: "insert" });
  await made.open();
  assert.equal((await made.abort(), await made.check()).state, "Aborted");
  await made.delete();
  await assert.rejects(made.check(), { errorCode: "NOT_FOUND" });
});

job("independent_requests_come_as_a_batch", async (org) => {
  const batchRequests = ["v67.0/limits", "v67.0/sobjects/Nothing"].map((url) => ({ method: "GET", url }));
  const told = await org.requestPost("/composite/batch", { batchRequests });
  assert.deepEqual(told.results.map((one) => one.statusCode), [200, 404]);
});

job("a_session_ends_when_it_is_revoked", async (org) => {
  const other = new jsforce.Connection({ instanceUrl: org.instanceUrl, loginUrl: org.instanceUrl, oauth2: org.oauth2 });
  await other.authorize({ grant_type: "client_credentials" });
  const token = other.accessToken;
  await other.logout();
  const late = new jsforce.Connection({ instanceUrl: org.instanceUrl, accessToken: token, version: "67.0" });
  await assert.rejects(late.query("SELECT Id FROM Account"), { errorCode: "INVALID_SESSION_ID" });
});

run(signIn);
