// npm run jitsi:check: for a video that does not start. Looks from this machine, as a user's browser does, at everything on the
// meetings' server that can be seen: a line each, with `ok` or what is wrong and what to do. Ends with 1 when something is wrong.
import { checkJitsi } from "./jitsi/check";
import { given } from "./stack/arguments";
import { settingsOf } from "./stack/settings-of";
import { presentStack } from "./stack/present-stack";
import { main, OperatorError, tell } from "../terminal/steps";
import { meetingsUrl } from "../workspace/jitsi/meetings";

main(async (args) => {
  const { stack: name } = given("jitsi-check", args);
  const stack = await presentStack(name);
  const { jitsi } = await settingsOf(stack);
  if (jitsi === undefined) {
    throw new OperatorError(
      "jitsi.domain: is what this command looks at (got nothing); pulumi config set --path 'rocketchat:jitsi.domain' meet.example.org",
    );
  }

  const findings = await checkJitsi({ ...jitsi, meetings: meetingsUrl(jitsi) });
  for (const { what, said, fix } of findings) {
    tell(fix === undefined ? `ok     ${what}: ${said}` : `wrong  ${what}: ${said}; ${fix}`);
  }
  const wrong = findings.some(({ fix }) => fix !== undefined);
  tell(
    wrong
      ? "\nmend the first wrong line, then run the command again"
      : "\neverything that can be seen from here is well. Pictures and sound take another way, UDP port 10000 of the server: see docs/jitsi.md",
  );
  return wrong ? 1 : 0;
});
