// Asks Rocket.Chat, from inside its container, whether the workspace is registered with Rocket.Chat's cloud. Prints `registered` or
// `unregistered`.
//   PORT  Rocket.Chat's
/* global require */
const http = require("node:http");

const request = http.get(
  { host: "127.0.0.1", port: process.env.PORT, path: "/api/info", timeout: 15_000 },
  (response) => {
    let body = "";
    response.on("data", (chunk) => (body += chunk));
    response.on("end", () => {
      const { cloudWorkspaceId } = JSON.parse(body);
      console.log(cloudWorkspaceId ? "registered" : "unregistered");
    });
  },
);
request.on("timeout", () => request.destroy(new Error("no answer within 15 s")));
request.on("error", ({ message }) => {
  console.error(message);
  process.exit(1);
});
