import { readFileSync } from "node:fs";

const script = readFileSync(new URL("../page-script.js", import.meta.url));

/** What a browser shows: that this is not Rocket.Chat, and one room, as much of it as tests need. */
export function addPage(api, { version, settings }) {
  api.route("GET", "/standin/page-script.js", {}, ({ response }) => {
    response.writeHead(200, { "Content-Type": "text/javascript; charset=utf-8" });
    response.end(script);
  });

  api.fallback(({ response }) => {
    const { host } = new URL(settings.get("Site_Url"));
    response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self' wss://${host}; img-src data:`,
    });
    response.end(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>STAND-IN for Rocket.Chat</title>
<style>
body { font: 1.1rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
[hidden] { display: none !important }
header, form { display: flex; gap: 1rem; align-items: center }
li { margin: .5rem 0; overflow-wrap: anywhere }
textarea { flex: 1; font: inherit }
</style>
<h1>STAND-IN for Rocket.Chat</h1>
<p>This is not Rocket.Chat. It answers in the place of Rocket.Chat ${escapeHtml(version)} on machines that cannot
have the real image, so that everything around it can be tested.</p>
<p>The workspace is called <strong>${escapeHtml(settings.get("Site_Name"))}</strong>.</p>
<form id="login" hidden>
<input name="user" placeholder="name" autocomplete="username">
<input name="password" type="password" placeholder="password" autocomplete="current-password">
<button>Log in</button>
</form>
<section id="setup-wizard" hidden><h2>Setup wizard</h2></section>
<dialog id="fingerprint">
<h2>Unique ID change detected</h2>
<button>New workspace</button> <button>Configuration update</button>
</dialog>
<main hidden>
<header><h2></h2><button id="call" hidden>Video call</button><output id="connection"></output></header>
<ol></ol>
<form id="composer"><textarea name="msg" rows="1" placeholder="Message"></textarea><button>Send</button></form>
</main>
<script src="/standin/page-script.js"></script>
</html>
`);
  });
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeHtml = (value) => String(value).replace(/[&<>"]/g, (character) => ENTITIES[character]);
