import { MongoClient, MongoServerSelectionError } from "mongodb";
import { setTimeout as sleep } from "node:timers/promises";
import { StartRefused } from "./environment.js";

const OLDEST_MONGO = 7;
const AUTHENTICATION_FAILED = 18;

/**
 * The workspace's database, once it can be used; waits for as long as no primary answers.
 * When a write is acknowledged is for the URL to say, or the server: as in Rocket.Chat.
 * @throws StartRefused when the database can never serve: no replica set, no transactions, too old, wrong login
 */
export async function openDatabase({ mongoUrl, allowOldMongo }) {
  await waitForPrimary(mongoUrl);
  const client = new MongoClient(mongoUrl, clientOptions(mongoUrl));
  await client.connect();
  const database = client.db();
  await requireVersion(database, allowOldMongo);
  await requireTransactions(client, database);
  return database;
}

function clientOptions(mongoUrl) {
  // As Rocket.Chat: no retried writes unless the URL asks for them.
  return /[?&]retryWrites=/.test(mongoUrl) ? {} : { retryWrites: false };
}

async function waitForPrimary(mongoUrl) {
  for (;;) {
    const probe = new MongoClient(mongoUrl, { serverSelectionTimeoutMS: 2000 });
    if (!probe.options.replicaSet) {
      throw new StartRefused(
        "MONGO_URL: must name a replica set (got no replicaSet=); a standalone MongoDB cannot serve",
      );
    }
    try {
      await probe.connect();
      await probe.db().command({ ping: 1 });
      return;
    } catch (error) {
      if (error.code === AUTHENTICATION_FAILED)
        throw new StartRefused(`MONGO_URL: the login was refused: ${error.message}`);
      if (isNoMember(error)) {
        throw new StartRefused(
          `MONGO_URL: the server must be a member of replica set ${probe.options.replicaSet} (got a standalone, or another set)`,
        );
      }
      console.log(`waiting for MongoDB: ${error.message}`);
      await sleep(500);
    } finally {
      await probe.close();
    }
  }
}

/** The driver drops each server that says it does not belong to the set; one that is down it keeps. */
function isNoMember(error) {
  return error instanceof MongoServerSelectionError && error.reason?.servers.size === 0;
}

async function requireVersion(database, allowOldMongo) {
  const { version } = await database.admin().buildInfo();
  if (parseInt(version, 10) >= OLDEST_MONGO || allowOldMongo) return;
  throw new StartRefused(
    `MongoDB: must be ${OLDEST_MONGO}.0 or newer (got ${version}); YOUR CURRENT MONGODB VERSION IS NOT SUPPORTED`,
  );
}

async function requireTransactions(client, database) {
  const session = client.startSession();
  try {
    session.startTransaction();
    await database.collection("rocketchat_settings").findOne({}, { session });
    await session.commitTransaction();
  } catch (error) {
    throw new StartRefused(`MongoDB: must be able to run a transaction (got: ${error.message})`);
  } finally {
    await session.endSession();
  }
}
