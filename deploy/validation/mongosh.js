// What mongosh gives to deploy/mongodb/begin.js, on a server that is empty and keeps what it makes.
const made = { sets: [], roles: [], users: [] };

const rs = {
  status() {
    if (made.sets.length === 0) throw Object.assign(new Error("no set"), { codeName: "NotYetInitialized" });
  },
  initiate: (set) => made.sets.push(set),
};

const db = {
  hello: () => ({ isWritablePrimary: made.sets.length > 0 }),
  getSiblingDB: (name) => ({
    getRole: (role) => made.roles.find((known) => known.db === name && known.role === role) || null,
    createRole: (role) => made.roles.push({ db: name, ...role }),
    getUser: (user) => made.users.find((known) => known.db === name && known.user === user) || null,
    createUser: (user) => made.users.push({ db: name, ...user }),
  }),
};

// A file holds its own path.
const require = () => ({ readFileSync: (path) => `${path}\n` });

function quit(status) {
  throw new Error(`it quits with ${status}`);
}
