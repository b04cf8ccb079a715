// Asks Rocket.Chat, from inside its container, for a setting that it tells every browser. Prints the value; `unknown` where it does not
// tell.
//   PORT     Rocket.Chat's
//   SETTING  id of the setting
/* global require */
const http = require("node:http");

const { PORT, SETTING } = process.env;
const path = `/api/v1/settings.public?_id=${SETTING}`;
const request = http.get({ host: "127.0.0.1", port: PORT, path, timeout: 15_000 }, (response) => {
  let body = "";
  response.on("data", (chunk) => (body += chunk));
  response.on("end", () => {
    const { settings = [] } = JSON.parse(body);
    console.log(settings.find(({ _id }) => _id === SETTING)?.value ?? "unknown");
  });
});
request.on("timeout", () => request.destroy(new Error("no answer within 15 s")));
request.on("error", ({ message }) => {
  console.error(message);
  process.exit(1);
});
