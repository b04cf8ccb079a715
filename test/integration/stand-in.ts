/**
 * Whether Rocket.Chat is the stand-in, which tells what it was asked (`/standin/…`) and can be told to be slow, registered or licensed. On
 * a real image (`npm test -- --image IMAGE`, or `IMAGES=official`) tests that need this are left out, by name.
 */
export const isStandIn = process.env["IMAGES"] === "lab" && process.env["ROCKETCHAT_IMAGE"] === undefined;
