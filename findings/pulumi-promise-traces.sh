#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2016 # what is sourced lies beside; the dollars are not for the shell
# Versions: @pulumi/pulumi 3.248.0, @pulumi/random 4.21.2.
#
# Pulumi's Node.js SDK formats a stack trace for each promise of a program, dozens a resource.
#
# It keeps them for the message on promises that never end, also where nobody asked for that with PULUMI_DEBUG_PROMISE_LEAKS. Under
# `pulumi`, and with any loader that leads traces back to the sources (`Error.prepareStackTrace`), each of them is mapped frame by frame:
# in a program of 76 resources that was a fifth of its processor time. Way round: take `Error.prepareStackTrace` away while resources are
# made, and put it back before an error is shown.
. "$(dirname "$(readlink -f "$0")")/lib/tools.sh"
quietly npm install --no-audit --no-fund --ignore-scripts --save-exact @pulumi/pulumi@3.248.0 @pulumi/random@4.21.2
cat >count.js <<'END'
const pulumi = require("@pulumi/pulumi");
const random = require("@pulumi/random");
let formatted = 0;
Error.prepareStackTrace = (error, frames) => {
  formatted += 1;
  return `${error}\n${frames.join("\n")}`;
};
pulumi.runtime.setMocks({
  newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
  call: ({ inputs }) => inputs,
});
const passwords = Array.from({ length: 10 }, (_, i) => new random.RandomPassword(`p${i}`, { length: 20 }));
pulumi.all(passwords.map(({ id }) => id)).apply((ids) => {
  console.log(`${ids.length} resources, ${formatted} formatted traces`);
  process.exitCode = formatted >= 10 * ids.length ? 0 : 1;
});
END
status=0
node count.js || status=$?
expect "10 traces and more a resource" 0 "$status"
