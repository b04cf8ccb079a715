// Asks from Rocket.Chat's container, where its own requests go: whether the database's port takes a connection, and whether the
// workspace answers through the front door. Prints one JSON object: each part is "ok" or what was wrong.
//   MONGO_HOST               the database
//   FRONT_ADDRESS, FRONT_PORT, FRONT_HOSTNAME   the front door, and the workspace's host name
/* global require */
const https = require("node:https");
const net = require("node:net");

const { MONGO_HOST, FRONT_ADDRESS, FRONT_PORT, FRONT_HOSTNAME } = process.env;
const seconds = 10;

function database() {
  return new Promise((resolve) => {
    const socket = net.connect({ host: MONGO_HOST, port: 27017 });
    const end = (result) => {
      socket.destroy();
      resolve(result);
    };
    setTimeout(() => end(`no answer within ${seconds} s`), seconds * 1000);
    socket.on("connect", () => end("ok"));
    socket.on("error", (error) => end(error.message || error.code));
  });
}

function frontDoor() {
  return new Promise((resolve) => {
    const request = https.get({
      host: FRONT_ADDRESS,
      port: FRONT_PORT,
      path: "/api/info",
      servername: FRONT_HOSTNAME,
      headers: { Host: FRONT_HOSTNAME },
      rejectUnauthorized: false,
    });
    setTimeout(() => resolve(`no answer within ${seconds} s`), seconds * 1000);
    request.on("error", (error) => resolve(error.message || error.code));
    request.on("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? "ok" : `status ${response.statusCode}`);
    });
  });
}

Promise.all([database(), frontDoor()]).then(([databaseSays, frontDoorSays]) => {
  console.log(JSON.stringify({ database: databaseSays, frontDoor: frontDoorSays }));
  process.exit(0);
});
