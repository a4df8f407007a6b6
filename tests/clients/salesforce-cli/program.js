// The Salesforce CLI, unmodified, against the local Salesforce: every job runs `sf`, as a person would.

const assert = require("node:assert");
const { execFile } = require("node:child_process");
const { generateKeyPairSync } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { promisify } = require("node:util");
const { job, run } = require("../jobs.js");

const CROWD = 2100;

const modules = process.env.NODE_PATH;
const home = path.join(path.dirname(modules), "home");
const env = {
  PATH: process.env.PATH,
  HOME: home,
  NODE_COMPILE_CACHE: path.join(path.dirname(modules), "compiled"),
  SF_AUTOUPDATE_DISABLE: "true",
  SF_DISABLE_LOG_FILE: "true",
  SF_DISABLE_TELEMETRY: "true",
  SF_SKIP_NEW_VERSION_CHECK: "true",
  SF_USE_GENERIC_UNIX_KEYCHAIN: "true",
};

let place;

async function told(words, more) {
  const whole = [path.join(modules, "@salesforce/cli/bin/run.js"), ...words, "--json"];
  const options = { cwd: home, env: { ...env, ...more }, maxBuffer: 2 ** 26, timeout: 60e3 };
  const { stdout } = await promisify(execFile)(process.execPath, whole, options).catch((error) => error);
  return JSON.parse(stdout);
}

async function sf(...words) {
  const { status, result, name, message } = await told(words);
  assert.equal(status, 0, `sf ${words.join(" ")}: ${name}: ${message} ${JSON.stringify(result)}`);
  return result;
}

async function refused(...words) {
  const answer = await told(words);
  assert.notEqual(answer.status, 0, `sf ${words.join(" ")} was not refused.`);
  return answer;
}

const written = (name, text) => (fs.writeFileSync(path.join(home, name), text), name);
const read = (name) => fs.readFileSync(path.join(home, name), "utf8");
const pull = (name, body) => fetch(`${place.door}/levers/${name}`, { method: "POST", body: JSON.stringify(body) });

async function signIn(given) {
  place = given;
  fs.rmSync(home, { recursive: true, force: true });
  fs.mkdirSync(home);
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await pull("register_certificate", { pem: publicKey.export({ type: "spki", format: "pem" }) });
  const key = written("key.pem", privateKey.export({ type: "pkcs8", format: "pem" }));
  const who = ["--username", "integration@example.com", "--client-id", place.client_id, "--jwt-key-file", key];
  await sf("org", "login", "jwt", ...who, "--instance-url", place.url, "--alias", "local", "--set-default");
}

job("the_org_is_shown_as_connected", async () => {
  const [shown, [user]] = await Promise.all([sf("org", "display"), sf("org", "list", "users")]);
  assert.equal(shown.connectedStatus, "Connected");
  assert.equal(shown.apiVersion, "67.0");
  assert.match(shown.id, /^00D/);
  assert.match(user.userId, /^005/);
});

job("the_limits_are_listed", async () => {
  const counting = ["org", "list", "sobject", "record-counts", "--sobject", "Contact"];
  const [limits, [count]] = await Promise.all([sf("org", "list", "limits"), sf(...counting)]);
  const calls = limits.find((one) => one.name === "DailyApiRequests");
  assert.ok(calls.remaining < calls.max);
  assert.deepEqual(count, { name: "Contact", count: CROWD });
});

job("the_objects_are_listed_and_described", async () => {
  const asked = [sf("sobject", "list", "--sobject", "all"), sf("sobject", "describe", "--sobject", "Contact")];
  const [names, told] = await Promise.all(asked);
  assert.ok(names.includes("Opportunity"));
  assert.equal(told.fields.find((field) => field.name === "Email").type, "email");
});

job("a_query_gives_rows_of_several_objects", async () => {
  const soql = "SELECT Id, Name, Owner.Name, (SELECT Id FROM Tasks) FROM Contact WHERE LastName = 'Crow'";
  const found = await sf("data", "query", "--query", soql);
  assert.equal(found.totalSize, 1);
  assert.equal(found.records[0].Name, "Clara Crow");
});

job("a_query_fetches_all_pages", async () => {
  const found = await sf("data", "query", "--query", "SELECT Id FROM Contact");
  assert.equal(new Set(found.records.map((row) => row.Id)).size, CROWD);
});

job("a_query_is_written_as_csv_with_the_columns_that_the_org_tells", async () => {
  const soql = "SELECT COUNT(Id), AccountId FROM Contact GROUP BY AccountId";
  await sf("data", "query", "--query", soql, "--result-format", "csv", "--output-file", "count.csv");
  assert.deepEqual(read("count.csv").trim().split("\n"), ["count(Id),AccountId", `${CROWD},`]);
});

job("any_address_is_asked_and_the_tooling_api_queried", async () => {
  const field = { FullName: "Contact.Nest__c", Metadata: { type: "Text", label: "Nest", length: 20 } };
  const url = "/services/data/v67.0/tooling/sobjects/CustomField";
  await sf("api", "request", "rest", url, "--method", "POST", "--body", JSON.stringify(field));
  const soql = "SELECT Id, DeveloperName FROM CustomField WHERE DeveloperName = 'Nest'";
  const found = await sf("data", "query", "--use-tooling-api", "--query", soql);
  assert.equal(found.records[0].DeveloperName, "Nest");
});

job("a_wrong_query_is_refused_with_its_caret", async () => {
  const answer = await refused("data", "query", "--query", "SELECT Nothing__c FROM Contact");
  assert.equal(answer.name, "INVALID_FIELD");
  assert.match(answer.message, /ERROR at Row:1:Column:8/);
});

job("a_record_lives_and_dies", async () => {
  const contact = ["--sobject", "Contact"];
  const { id } = await sf("data", "create", "record", ...contact, "--values", "LastName=Dove Email=dora@acme.example");
  await sf("data", "update", "record", ...contact, "--where", "LastName=Dove", "--values", "FirstName=Dora");
  assert.equal((await sf("data", "get", "record", ...contact, "--record-id", id)).Name, "Dora Dove");
  await sf("data", "delete", "record", ...contact, "--record-id", id);
  await refused("data", "get", "record", ...contact, "--record-id", id);
});

job("a_bulk_export_gives_every_row", async () => {
  const soql = "SELECT Id, LastName FROM Contact WHERE LastName LIKE 'Number%'";
  const told = await sf("data", "export", "bulk", "--query", soql, "--output-file", "crowd.csv", "--wait", "1");
  assert.equal(told.totalSize, CROWD - 1);
  assert.equal(read("crowd.csv").trim().split("\n").length, CROWD);
});

job("bulk_rows_are_imported_upserted_updated_and_deleted", async () => {
  const contact = ["--sobject", "Contact", "--wait", "1"];
  const lark = "FirstName,LastName,Email\nLou,Lark,lou@acme.example\n";
  const made = await sf("data", "import", "bulk", "--file", written("new.csv", lark), ...contact);
  assert.equal(made.successfulRecords, 1);
  const both = written("both.csv", lark + "Mia,Martin,mia@acme.example\n");
  const put = await sf("data", "upsert", "bulk", "--file", both, "--external-id", "Email", ...contact);
  const { successfulResults } = put.records;
  assert.deepEqual(successfulResults.map((row) => row.sf__Created), ["false", "true"]);
  const ids = successfulResults.map((row) => row.sf__Id);
  const titles = written("titles.csv", ["Id,Title", ...ids.map((id) => `${id},Bird`), ""].join("\n"));
  assert.equal((await sf("data", "update", "bulk", "--file", titles, ...contact)).successfulRecords, 2);
  const gone = written("gone.csv", ["Id", ...ids, ""].join("\n"));
  const { jobInfo } = await sf("data", "delete", "bulk", "--file", gone, ...contact);
  assert.deepEqual([jobInfo.numberRecordsProcessed, jobInfo.numberRecordsFailed], [2, 0]);
});

job("bulk_results_tell_the_rows_that_failed", async () => {
  const rows = written("some.csv", "FirstName,LastName\nLou,Lark\nNo,\n");
  const answer = await refused("data", "import", "bulk", "--file", rows, "--sobject", "Contact", "--wait", "1");
  const told = await sf("data", "bulk", "results", "--job-id", answer.data.jobId);
  assert.deepEqual([told.successfulRecords, told.failedRecords], [1, 1]);
  assert.match(read(told.failedFilePath), /REQUIRED_FIELD_MISSING/);
});

job("a_tree_is_imported_and_comes_out_again", async () => {
  const kites = ["Kai", "Kim"].map((FirstName, n) => (
    { attributes: { type: "Contact", referenceId: `kite${n}` }, FirstName, LastName: "Kite" }));
  const nest = { attributes: { type: "Account", referenceId: "nest" }, Name: "Nest", Contacts: { records: kites } };
  const file = written("nest.json", JSON.stringify({ records: [nest] }));
  const made = await sf("data", "import", "tree", "--files", file);
  assert.deepEqual(made.map((one) => one.refId), ["nest", "kite0", "kite1"]);
  const soql = "SELECT Name, (SELECT FirstName, LastName FROM Contacts) FROM Account WHERE Name = 'Nest'";
  await sf("data", "export", "tree", "--query", soql, "--plan", "--output-dir", "nests");
  const again = await sf("data", "import", "tree", "--plan", "nests/Account-Contact-plan.json");
  assert.deepEqual(again.map((one) => one.type), ["Account", "Contact", "Contact"]);
  const twins = "SELECT count() FROM Contact WHERE LastName = 'Kite' AND Account.Name = 'Nest'";
  assert.equal((await sf("data", "query", "--query", twins)).totalSize, 4);
});

job("a_tree_with_a_mistake_is_not_imported", async () => {
  const robin = { attributes: { type: "Contact", referenceId: "robin" }, FirstName: "Robin" };
  const hedge = { attributes: { type: "Account", referenceId: "hedge" }, Name: "Hedge", Contacts: { records: [robin] } };
  const file = written("hedge.json", JSON.stringify({ records: [hedge] }));
  const answer = await refused("data", "import", "tree", "--files", file);
  assert.deepEqual(answer.data.map((one) => [one.referenceId, one.StatusCode]), [["robin", "REQUIRED_FIELD_MISSING"]]);
  assert.equal((await sf("data", "query", "--query", "SELECT Id FROM Account WHERE Name = 'Hedge'")).totalSize, 0);
});

job("a_permission_set_is_assigned", async () => {
  await sf("data", "create", "record", "--sobject", "PermissionSet", "--values", "Name=Nesting Label=Nesting");
  const told = await sf("org", "assign", "permset", "--name", "Nesting");
  assert.deepEqual(told.failures, []);
});

job("an_ended_session_is_renewed", async () => {
  await pull("expire_tokens", {});
  assert.equal((await sf("data", "query", "--query", "SELECT Id FROM Account WHERE Name = 'Acme'")).totalSize, 1);
});

job("metadata_is_refused_as_an_unknown_resource", async () => {
  const answer = await refused("org", "list", "metadata-types");
  assert.match(answer.message, /NOT_FOUND/);
});

job("an_access_token_is_enough", async () => {
  const form = new URLSearchParams({ grant_type: "client_credentials", client_id: place.client_id, client_secret: place.client_secret });
  const { access_token } = await (await fetch(`${place.url}/services/oauth2/token`, { method: "POST", body: form })).json();
  const words = ["org", "login", "access-token", "--no-prompt", "--instance-url", place.url];
  const answer = await told(words, { SF_ACCESS_TOKEN: access_token });
  assert.equal(answer.status, 0, answer.message);
  assert.equal((await sf("data", "query", "--query", "SELECT Id FROM Account WHERE Name = 'Acme'")).totalSize, 1);
  await sf("org", "logout", "--target-org", "local", "--no-prompt");
});

run(signIn);
