// What a restore does in the workspace's database, as its own user. Runs in mongosh, answers one line of JSON. The new collections
// are loaded beside the old ones, under names that begin with `restore-new.`; the old ones wait under `restore-old.` until the
// workspace has answered on the new ones. A collection keeps its id whatever its name, so an arrangement may be killed anywhere
// and repeated, forward or back. A view has no data and cannot be renamed: it is dropped and made by its definition, once what it
// reads has its name. A time series cannot be renamed either, and stays what it is.
//   ACTION   look      every collection, with its id, the number of its documents, and whether they expire; each view's definition;
//                      the room that is left; whether the user may load documents that a validator does not let in
//            prepare   removes what an earlier attempt has loaded, then looks
//            forward   the new ones get their names, the old ones step aside
//            back      the old ones get their names back
//            drop      removes what is under WAITING
//   WAITING  optional: for drop, `restore-new.` or `restore-old.`
//   standard input: {"uri"}, and for forward and back {"old","new"}: names and ids; {"views":{"old","new"}}: names and definitions,
//                   as extended JSON
/* global EJSON, print, require, serverAt */
const { uri, old = {}, new: fresh = {}, views = {} } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { old: oldViews = {}, new: freshViews = {} } = views;
const { ACTION, WAITING } = process.env;
const [newName, oldName] = ["restore-new.", "restore-old."];
const database = serverAt(uri).getDB(new URL(uri).pathname.slice(1));

function collections() {
  return database
    .getCollectionInfos()
    .filter(({ name }) => !name.startsWith("system."))
    .map(({ name, type, info, options }) => ({ name, type, id: String(info.uuid), options }));
}

const isOf = (names, name) => Object.hasOwn(names, name);
const ordinary = () => collections().filter(({ type }) => type === "collection");

function mayBypassValidators() {
  const { authInfo } = database.runCommand({ connectionStatus: 1, showPrivileges: true });
  return authInfo.authenticatedUserPrivileges.some(
    ({ resource, actions }) =>
      actions.includes("bypassDocumentValidation") &&
      resource.collection === "" &&
      ["", database.getName()].includes(resource.db),
  );
}

function look() {
  const { fsTotalSize, fsUsedSize } = database.runCommand({ dbStats: 1 });
  return {
    freeBytes: Number(fsTotalSize) - Number(fsUsedSize),
    mayBypassValidators: mayBypassValidators(),
    collections: collections().map(({ options, ...found }) => ({
      ...found,
      ...(found.type === "view" && { definition: EJSON.serialize(options, { relaxed: false }) }),
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
  for (const { name, id } of ordinary()) {
    const wanted = Object.keys(ids).find((key) => ids[key] === id);
    if (wanted !== undefined && name !== prefix + wanted) rename(name, prefix + wanted);
  }
}

/** Views of both databases. */
function dropViews() {
  for (const { name, type } of collections())
    if (type === "view" && (isOf(oldViews, name) || isOf(freshViews, name)))
      database.getCollection(name).drop();
}

function makeViews(definitions) {
  for (const [name, definition] of Object.entries(definitions)) {
    const answer = database.runCommand({
      create: name,
      ...EJSON.deserialize(definition, { relaxed: false }),
    });
    if (answer.ok !== 1) throw new Error(`${name}: cannot be made: ${answer.errmsg}`);
  }
}

/** What is neither the old nor the new database's, under the names of either. */
function strangers() {
  const known = new Set([...Object.values(old), ...Object.values(fresh)]);
  const isKnown = {
    collection: ({ id }) => known.has(id),
    view: ({ name }) => isOf(oldViews, name) || isOf(freshViews, name),
    timeseries: ({ name }) => !isOf(fresh, name) && !isOf(freshViews, name),
  };
  return collections().filter(
    (found) =>
      !isKnown[found.type](found) && !found.name.startsWith(newName) && !found.name.startsWith(oldName),
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
    dropViews();
    arrange(old, oldName);
    arrange(fresh, "");
    makeViews(freshViews);
    return {};
  },
  back() {
    dropViews();
    arrange(fresh, newName);
    // What Rocket.Chat made when it started on the new data, where an old one has the name. Anything else may be somebody's.
    for (const { name } of strangers())
      if (isOf(old, name) || isOf(oldViews, name)) database.getCollection(name).drop();
    arrange(old, "");
    makeViews(oldViews);
    return {};
  },
  drop: () => drop(WAITING),
};
print(JSON.stringify(actions[ACTION]()));
