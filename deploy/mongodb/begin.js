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
if (documents.getUser("projector") === null) {
  documents.createUser({
    user: "projector",
    pwd: password("projector"),
    roles: [{ role: "readWrite", db: "jangteo" }, { role: "dbAdmin", db: "jangteo" }],
  });
}
if (documents.getRole("follower") === null) {
  // Whoever follows the views declares the collection of parked documents; it writes no document.
  documents.createRole({
    role: "follower",
    roles: [{ role: "read", db: "jangteo" }],
    privileges: [
      { resource: { db: "jangteo", collection: "_views" }, actions: ["insert", "update"] },
      { resource: { db: "jangteo", collection: "" }, actions: ["createCollection", "createIndex"] },
    ],
  });
}
if (documents.getUser("reader") === null) {
  documents.createUser({
    user: "reader",
    pwd: password("reader"),
    roles: [{ role: "follower", db: "jangteo" }],
  });
}
