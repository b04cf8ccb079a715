// Fills a database with what MongoDB has and Rocket.Chat does not make: a reporting tool or another program may have left it.
// Evaluated by mongosh as the server's administrator, with `odd` that database; answers JSON.
//   ACTION   fill, fillTimeSeries or describe
/* global odd, EJSON, print */
const many = (count, make) => [...Array(count).keys()].map(make);

function fill() {
  const plain = odd.getCollection("plain 100% of.it");
  plain.insertMany(
    many(20, (n) => ({
      ...{
        _id: n,
        n,
        tag: n % 2 === 0 ? "even" : "odd",
        text: `word${n}`,
        at: new Date("2030-01-01"),
        any: { [`k${n}`]: n },
      },
      place: { type: "Point", coordinates: [n, n] },
    })),
  );
  plain.createIndex({ n: 1 }, { name: "partial", partialFilterExpression: { tag: "odd" } });
  plain.createIndex({ at: 1 }, { name: "ttl", expireAfterSeconds: 3600 });
  plain.createIndex({ "any.$**": 1 }, { name: "wildcard" });
  plain.createIndex({ text: "text" }, { name: "text", default_language: "german" });
  plain.createIndex({ place: "2dsphere" }, { name: "sphere" });
  plain.createIndex({ tag: "hashed" }, { name: "hashed" });
  plain.createIndex({ tag: 1, n: -1 }, { name: "collated", collation: { locale: "de", strength: 2 } });

  odd.createCollection("capped", { capped: true, size: 8192, max: 9 });
  odd.capped.insertMany(many(9, (n) => ({ _id: n })));
  odd.createCollection("clustered", { clusteredIndex: { key: { _id: 1 }, unique: true, name: "by id" } });
  odd.clustered.insertMany(many(5, (n) => ({ _id: n })));
  odd.createCollection("collated", { collation: { locale: "fr", strength: 1 } });
  odd.collated.insertMany([
    { _id: 1, name: "é" },
    { _id: 2, name: "E" },
  ]);
  odd.createCollection("remembers", { changeStreamPreAndPostImages: { enabled: true } });
  odd.remembers.insertOne({ _id: 1 });
  odd.createCollection("empty.of it");

  odd.guarded.insertMany(many(4, (n) => ({ _id: n, older: true })));
  odd.runCommand({
    collMod: "guarded",
    validator: { $jsonSchema: { required: ["name"] } },
    validationLevel: "moderate",
  });
  odd.guarded.insertOne({ _id: 4, name: "newer" });

  odd.createView("view", "plain 100% of.it", [{ $match: { tag: "odd" } }]);
  odd.createView("a view.of a view", "view", [{ $project: { n: 1 } }, { $sort: { _id: 1 } }]);
  odd.createView("collated view", "collated", [{ $match: { name: "e" } }], {
    collation: { locale: "fr", strength: 1 },
  });
  odd.createView("joined", "capped", [
    { $lookup: { from: "view", localField: "_id", foreignField: "n", as: "theirs" } },
  ]);
}

function fillTimeSeries() {
  const readings = (name, more) => {
    odd.createCollection(name, {
      timeseries: { timeField: "at", metaField: "sensor", ...more.timeseries },
      ...more.options,
    });
    odd.getCollection(name).insertMany(
      many(300, (n) => ({
        _id: n,
        at: new Date(Date.UTC(2030, 0, 1) + n * 60_000),
        sensor: { id: n % 3 },
        value: n / 7,
      })),
    );
  };
  readings("readings", { timeseries: { granularity: "minutes" } });
  readings("readings.100% kept", { options: { expireAfterSeconds: 86_400 } });
  odd.readings.createIndex({ "sensor.id": 1, at: -1 }, { name: "by sensor" });
  odd.createView("mean", "readings", [
    { $group: { _id: "$sensor.id", mean: { $avg: "$value" } } },
    { $sort: { _id: 1 } },
  ]);
}

/** Every collection of both: its options, its indexes and its documents; the same for the same content. */
function describe() {
  const names = [
    ...[
      "plain 100% of.it",
      "capped",
      "clustered",
      "collated",
      "remembers",
      "empty.of it",
      "guarded",
      "readings",
    ],
    ...["readings.100% kept", "view", "a view.of a view", "collated view", "joined", "mean"],
  ];
  const infos = Object.fromEntries(odd.getCollectionInfos().map((info) => [info.name, info]));
  const sorted = (list) => list.map((item) => EJSON.stringify(item)).sort();
  return names.map((name) => ({
    name,
    ...{ type: infos[name]?.type, options: infos[name]?.options },
    indexes:
      infos[name] === undefined || infos[name].type === "view"
        ? []
        : sorted(odd.getCollection(name).getIndexes()),
    documents: infos[name] === undefined ? [] : sorted(odd.getCollection(name).find().toArray()),
  }));
}

print(JSON.stringify({ fill, fillTimeSeries, describe }[process.env.ACTION]() ?? {}));
