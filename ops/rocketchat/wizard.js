// Asks Rocket.Chat, from inside its container, what state its setup wizard is in, as every browser does. Prints it: `completed`, or what an
// administrator is led to the wizard by; `unknown` where it does not tell.
//   PORT  Rocket.Chat's
/* global require */
const http = require("node:http");

const path = "/api/v1/settings.public?_id=Show_Setup_Wizard";
const request = http.get({ host: "127.0.0.1", port: process.env.PORT, path, timeout: 15_000 }, (response) => {
  let body = "";
  response.on("data", (chunk) => (body += chunk));
  response.on("end", () => {
    const { settings = [] } = JSON.parse(body);
    console.log(settings.find(({ _id }) => _id === "Show_Setup_Wizard")?.value ?? "unknown");
  });
});
request.on("timeout", () => request.destroy(new Error("no answer within 15 s")));
request.on("error", ({ message }) => {
  console.error(message);
  process.exit(1);
});
