/** What a browser shows: that this is not Rocket.Chat. */
export function addPage(api, { version, settings }) {
  api.fallback(({ response }) => {
    response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    });
    response.end(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>STAND-IN for Rocket.Chat</title>
<style>body { font: 1.1rem/1.5 sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>STAND-IN for Rocket.Chat</h1>
<p>This is not Rocket.Chat. It answers in the place of Rocket.Chat ${escapeHtml(version)} on machines that cannot
have the real image, so that everything around it can be tested. It has no chat window.</p>
<p>The workspace is called <strong>${escapeHtml(settings.get("Site_Name"))}</strong>.</p>
</html>
`);
  });
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeHtml = (value) => String(value).replace(/[&<>"]/g, (character) => ENTITIES[character]);
