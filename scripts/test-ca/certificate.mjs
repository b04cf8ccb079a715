// Prints a self-signed certificate and its key, as PEM.
//   CERTIFICATE_NAME  host name that it is for
import { generate } from "selfsigned";

const name = process.env.CERTIFICATE_NAME;
if (!name)
  throw new Error("CERTIFICATE_NAME: is required (got nothing); set it to the host name of the test CA");

const tenYears = new Date();
tenYears.setFullYear(tenYears.getFullYear() + 10);
const pair = await generate([{ name: "commonName", value: name }], {
  keyType: "ec",
  notAfterDate: tenYears,
  extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
});
// Where there is one already nobody reads this one.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
});
process.stdout.write(`${pair.cert.trim()}\n${pair.private.trim()}\n`);
