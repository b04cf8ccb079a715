import { expect, it } from "vitest";
import { type Measured, median, tableOf } from "./bench/table";

it("takes the middle one, or the mean of the two in the middle", () => {
  expect([median([3]), median([10, 1, 2]), median([4, 1, 10, 2])]).toEqual([3, 2, 3]);
  expect(() => median([])).toThrow("needs a value");
});

it("has a row for each thing that was run, its ratio to what it is held against, and the most of what was counted", () => {
  const all: Measured[] = [
    { what: "ours", seconds: 3, against: "theirs", throwAways: 4, peakMiB: 120 },
    { what: "theirs", seconds: 1 },
    { what: "ours", seconds: 5, against: "theirs", throwAways: 6, peakMiB: 110 },
    { what: "theirs", seconds: 2 },
    { what: "ours", seconds: 10, against: "theirs", throwAways: 5, peakMiB: 100 },
    { what: "theirs", seconds: 9 },
    { what: "alone", seconds: 0.256 },
  ];
  expect(tableOf(all).split("\n")).toEqual([
    "| what   | rounds | median |    min |     max |  ratio | throw-away containers | peak memory |",
    "| ------ | -----: | -----: | -----: | ------: | -----: | --------------------: | ----------: |",
    "| ours   |      3 | 5.00 s | 3.00 s | 10.00 s | 2.50 × |                     6 |     120 MiB |",
    "| theirs |      3 | 2.00 s | 1.00 s |  9.00 s |        |                       |             |",
    "| alone  |      1 | 0.26 s | 0.26 s |  0.26 s |        |                       |             |",
  ]);
});

it("keeps a count of nothing, which is not the same as no count", () => {
  expect(tableOf([{ what: "a", seconds: 1, throwAways: 0 }])).toContain("|                     0 |");
});
