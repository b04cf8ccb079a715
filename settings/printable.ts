/* eslint-disable no-control-regex -- they are what is taken away */
const sequences = new RegExp(
  [
    "\\u001b\\[[0-?]*[ -/]*[@-~]", // colours, cursor
    "\\u009b[0-?]*[ -/]*[@-~]", // the same in one byte
    "\\u001b[\\]PX^_][^\\u0007\\u001b\\u009c\\n]*(?:\\u0007|\\u001b\\\\|\\u009c)", // titles, links, the clipboard
    "\\u001b[ -/]*[0-~]",
  ].join("|"),
  "g",
);

/**
 * A text of somebody else, such as a log or a tool's output, as it may be shown: without escape sequences, which a terminal would obey,
 * without other control characters but tabs and newlines, and without marks that turn the direction of writing.
 */
export function printable(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(sequences, "")
    .replace(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
      "",
    );
}
