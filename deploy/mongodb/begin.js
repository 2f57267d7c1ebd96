// Begins the replica set of one and makes the users; ends with an error until it can be written to.
// Run by the health check, so that it may run again and again.

const fs = require("fs");
const password = (user) => fs.readFileSync(`/run/secrets/mongodb_${user}_password`, "utf8").trim();

let begun = true;
try {
  rs.status();
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  begun = false;
}
if (!begun) rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongodb:27017" }] });
if (!db.hello().isWritablePrimary) quit(1);

const documents = db.getSiblingDB("jangteo");
if (documents.getRole("views") === null) {
  // What whoever writes documents is asked for; unlike readWrite it removes none.
  const actions = ["insert", "update", "createCollection", "createIndex", "dropCollection"];
  documents.createRole({
    role: "views",
    roles: [{ role: "read", db: "jangteo" }],
    privileges: [{ resource: { db: "jangteo", collection: "" }, actions: ["find", ...actions] }],
  });
}
const roles = { projector: "views", reader: "read" };
for (const [user, role] of Object.entries(roles)) {
  if (documents.getUser(user) === null) {
    documents.createUser({ user, pwd: password(user), roles: [{ role, db: "jangteo" }] });
  }
}
