// Looks whether somebody listens. Status 1 and the reason on standard error when nobody does.
//   ADDRESS, PORT  a name on the network that this runs in, and a port
/* global require */
const { ADDRESS, PORT } = process.env;
const socket = require("node:net").connect({ host: ADDRESS, port: Number(PORT) });
const end = (reason) => {
  if (reason) console.error(reason);
  process.exit(reason ? 1 : 0);
};
socket.setTimeout(5000, () => end("no answer within 5 s"));
socket.on("connect", () => end());
socket.on("error", (error) =>
  end(/ENOTFOUND|EAI_AGAIN/.test(error.code) ? "no such name there" : error.message),
);
