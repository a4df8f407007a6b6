// Tells of each statement of a file, one a line, whether Salesforce's grammar takes it.

const fs = require("node:fs");
const { SOQLParser } = require("@salesforce/soql-common/lib/soql-parser");

const parser = SOQLParser({ isApex: false, isMultiCurrencyEnabled: false, apiVersion: 67.0 });
const statements = fs.readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean);
for (const statement of statements) {
  const read = parser.parseQuery(statement);
  const problems = read.getParserErrors() || [];
  process.stdout.write(JSON.stringify({ taken: read.getSuccess(), why: problems.map(String) }) + "\n");
}
