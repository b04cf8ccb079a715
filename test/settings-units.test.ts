import { describe, expect, it } from "vitest";
import { ImageRef } from "../settings/image";
import { ByteSize, Duration } from "../settings/units";

describe("Duration", () => {
  it.each([
    ["10 seconds", 10, "10s", "10 seconds"],
    ["1 second", 1, "1s", "1 second"],
    ["30s", 30, "30s", "30 seconds"],
    ["2 minutes", 120, "2m0s", "2 minutes"],
    ["1m30s", 90, "1m30s", "1 minute 30 seconds"],
    ["1.5 minutes", 90, "1m30s", "1 minute 30 seconds"],
    ["0.1 minutes", 6, "6s", "6 seconds"],
    ["1 hour 30 minutes", 5400, "1h30m0s", "1 hour 30 minutes"],
    ["1h", 3600, "1h0m0s", "1 hour"],
    ["0s", 0, "0s", "0 seconds"],
  ])("reads %s", (text, seconds, docker, words) => {
    const duration = Duration.parse(text);
    expect([duration.toSeconds(), duration.toDocker(), duration.toString()]).toEqual([
      seconds,
      docker,
      words,
    ]);
  });

  it.each([
    "",
    "10",
    "1e3 seconds",
    "-1 seconds",
    "+1s",
    "1.5s",
    "0.01 minutes",
    ".5m",
    "1.m",
    "10 days",
    "30s1m",
    "1s1s",
    "10  s",
    " 10s",
    "10S",
    "9".repeat(20) + "s",
  ])("refuses %j", (text) => {
    expect(() => Duration.parse(text)).toThrow(
      new RangeError('must be a duration of whole seconds such as "30 seconds", "2 minutes" or "1m30s"'),
    );
  });

  it("refuses numbers that need rounding", () => {
    expect(Duration.minutes(1.5).toSeconds()).toBe(90);
    for (const n of [0.5, -1, NaN, Infinity]) expect(() => Duration.seconds(n)).toThrow(RangeError);
  });
});

describe("ByteSize", () => {
  it.each([
    ["512 MiB", 536870912, "512 MiB"],
    ["2 GiB", 2147483648, "2 GiB"],
    ["100 MB", 100000000, "100 MB"],
    ["1.5GiB", 1610612736, "1536 MiB"],
    ["0.5 KiB", 512, "512 B"],
    ["0 B", 0, "0 B"],
  ])("reads %s", (text, bytes, words) => {
    const size = ByteSize.parse(text);
    expect([size.toBytes(), size.toString()]).toEqual([bytes, words]);
  });

  it.each([
    "",
    "512",
    "512 mib",
    "512 M",
    "512 Mb",
    "1e3 MiB",
    "-1 MiB",
    "0.3 KiB",
    "1 constructor",
    "9999999 TiB",
    "1 GiB ",
  ])("refuses %j", (text) => {
    expect(() => ByteSize.parse(text)).toThrow(
      new RangeError('must be a size of whole bytes such as "512 MiB" or "2 GiB"'),
    );
  });

  it("never rounds to MiB, and divides exactly to GiB", () => {
    expect(ByteSize.parse("2 GiB").toMebibytes()).toBe(2048);
    expect(() => ByteSize.parse("2 GB").toMebibytes()).toThrow(
      new RangeError("must be a whole number of MiB"),
    );
    expect(ByteSize.mebibytes(768).toGibibytes()).toBe(0.75);
    expect(() => ByteSize.bytes(0.5)).toThrow(RangeError);
  });
});

describe("ImageRef", () => {
  const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

  it.each([
    ["mongo:8.0.20", "mongo", "8.0.20", undefined],
    ["traefik:v3.7.15", "traefik", "v3.7.15", undefined],
    ["rocketchat/rocket.chat:8.8.1-rc.1", "rocketchat/rocket.chat", "8.8.1-rc.1", undefined],
    ["registry.example.org:5000/a/b:1.2.3", "registry.example.org:5000/a/b", "1.2.3", undefined],
    ["localhost:5000/b:1.2.3", "localhost:5000/b", "1.2.3", undefined],
    ["registry:5000/b:1.2.3", "registry:5000/b", "1.2.3", undefined],
    [`mongo:8.0@${digest}`, "mongo", "8.0", digest],
    ["lab/mongo:0123456789ab", "lab/mongo", "0123456789ab", undefined],
  ])("reads %s", (text, repository, tag, pinned) => {
    const image = ImageRef.parse(text);
    expect([image.repository, image.tag, image.digest, image.toString()]).toEqual([
      repository,
      tag,
      pinned,
      text,
    ]);
  });

  it.each([
    "latest",
    "stable",
    "edge",
    "main",
    "master",
    "develop",
    "nightly",
    "lts",
    "rc",
    "8",
    "8.0",
    "v3",
    "v3.7",
    "8.0.20.1",
    "0123456789ab",
  ])("refuses the tag %s", (tag) => {
    expect(() => ImageRef.parse(`mongo:${tag}`)).toThrow(
      new RangeError("must name an exact tag such as mongo:8.0.20 or a digest, not a tag that moves"),
    );
  });

  it.each(["mongo", "registry:5000/mongo", `mongo@${digest}`])("refuses %s, which has no tag", (text) => {
    expect(() => ImageRef.parse(text)).toThrow(new RangeError("must name an exact tag such as mongo:8.0.20"));
  });

  it.each([
    "",
    "Mongo:8.0.20",
    "mongo:8.0.20@sha256:12",
    "mongo: 8.0.20",
    "mongo:8.0.20\n",
    "https://x/mongo:8.0.20",
  ])("refuses %j, which is no image name", (text) => {
    expect(() => ImageRef.parse(text)).toThrow(
      new RangeError("must be an image name such as mongo:8.0.20, lower-case, with a tag"),
    );
  });

  it("takes a hash for lab images only, and there not a word", () => {
    expect(() => ImageRef.parse("lab/mongo:latest")).toThrow(RangeError);
    expect(() => ImageRef.parse("lab/mongo:0123456789a")).toThrow(RangeError);
  });
});
