// What a restore does in the workspace's database, as its own user. Runs in mongosh, answers one line of JSON. The new collections
// are loaded beside the old ones, under names that begin with `restore-new.`; the old ones wait under `restore-old.` until the
// workspace has answered on the new ones. A collection keeps its id whatever its name, so an arrangement may be killed anywhere
// and repeated, forward or back.
//   ACTION   look      every collection, with its id, the number of its documents, and whether they expire; the room that is left
//            prepare   removes what an earlier attempt has loaded, then looks
//            forward   the new ones get their names, the old ones step aside
//            back      the old ones get their names back
//            drop      removes what is under WAITING (`restore-new.` or `restore-old.`)
//   standard input: {"uri"}, and for forward and back {"old","new"}: names and ids
/* global print, require, serverAt */
const { uri, old = {}, new: fresh = {} } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { ACTION, WAITING } = process.env;
const [newName, oldName] = ["restore-new.", "restore-old."];
const database = serverAt(uri).getDB(new URL(uri).pathname.slice(1));

function collections() {
  return database
    .getCollectionInfos()
    .filter(({ name }) => !name.startsWith("system."))
    .map(({ name, type, info }) => ({ name, type, id: String(info.uuid) }));
}

function look() {
  const { fsTotalSize, fsUsedSize } = database.runCommand({ dbStats: 1 });
  return {
    freeBytes: Number(fsTotalSize) - Number(fsUsedSize),
    collections: collections().map((found) => ({
      ...found,
      ...(found.type === "collection" && {
        count: Number(database.getCollection(found.name).countDocuments({})),
        expires: database
          .getCollection(found.name)
          .getIndexes()
          .some((index) => "expireAfterSeconds" in index),
      }),
    })),
  };
}

function rename(from, to) {
  const answer = database.getCollection(from).renameCollection(to);
  if (answer.ok !== 1) throw new Error(`${from}: cannot be renamed to ${to}: ${answer.errmsg}`);
}

/** Gives each collection of a list its name, with the prefix. */
function arrange(ids, prefix) {
  for (const { name, id } of collections()) {
    const wanted = Object.keys(ids).find((key) => ids[key] === id);
    if (wanted !== undefined && name !== prefix + wanted) rename(name, prefix + wanted);
  }
}

/** Collections that are neither the old nor the new database's, under the names of either. */
function strangers() {
  const known = new Set([...Object.values(old), ...Object.values(fresh)]);
  return collections().filter(
    ({ name, id }) => !known.has(id) && !name.startsWith(newName) && !name.startsWith(oldName),
  );
}

function drop(prefix) {
  for (const { name } of collections()) if (name.startsWith(prefix)) database.getCollection(name).drop();
  return {};
}

const actions = {
  look,
  prepare() {
    drop(newName);
    return look();
  },
  forward() {
    const others = strangers();
    if (others.length > 0)
      throw new Error(`${others[0].name}: was made by somebody else while Rocket.Chat was stopped`);
    arrange(old, oldName);
    arrange(fresh, "");
    return {};
  },
  back() {
    arrange(fresh, newName);
    // What Rocket.Chat made when it started on the new data, where an old one has the name. Anything else may be somebody's.
    for (const { name } of strangers()) if (name in old) database.getCollection(name).drop();
    arrange(old, "");
    return {};
  },
  drop: () => drop(WAITING),
};
print(JSON.stringify(actions[ACTION]()));
