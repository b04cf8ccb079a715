// Answers every request with 503 while data are put back: a page for people, JSON below /api. Runs in a container of its own.
//   PORT           to listen on
//   RETRY_SECONDS  when to try again
/* global require */
const { PORT, RETRY_SECONDS } = process.env;

const text = "This workspace is being restored from a backup. It will be back in a few minutes.";
const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="${RETRY_SECONDS}">
<title>Back soon</title>
<body style="font: 18px/1.5 sans-serif; max-width: 32em; margin: 20vh auto; padding: 0 1em">
<h1>Back soon</h1><p>${text}</p></body></html>
`;

const server = require("node:http").createServer((request, response) => {
  const forPrograms = request.url.startsWith("/api/");
  response.writeHead(503, {
    "Content-Type": forPrograms ? "application/json" : "text/html; charset=utf-8",
    "Retry-After": RETRY_SECONDS,
    "Cache-Control": "no-store",
    "X-Maintenance": "restore",
  });
  response.end(forPrograms ? JSON.stringify({ success: false, error: text }) : page);
  request.resume();
});
server.listen(Number(PORT));
process.on("SIGTERM", () => process.exit(0));
