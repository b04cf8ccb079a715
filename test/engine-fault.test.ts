import { expect, it } from "vitest";
import { engineFault } from "../engine/fault";

const remote = "ssh://deploy@chat.example.org:2222";
const during =
  'error during connect: Get "http://docker.example.com/v1.24/version": command [ssh -l deploy -p 2222 -- chat.example.org docker system dial-stdio] has exited with exit status 255, please make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=';

it.each([
  [
    `${during}No ED25519 host key is known for chat.example.org and you have requested strict checking.\r\nHost key verification failed.`,
    /a host key that is known here .*run ssh -p 2222 deploy@chat\.example\.org true once, compare/,
  ],
  [
    `${during}@@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@@\nHost key verification failed.`,
    /the host key that is known .*ssh-keygen -R '\[chat\.example\.org\]:2222'/,
  ],
  [
    `${during}deploy@chat.example.org: Permission denied (publickey).`,
    /must let this user in with a key .*authorized_keys/,
  ],
  [
    `${during}ssh: Could not resolve hostname chat.example.org: Name or service not known`,
    /does not resolve/,
  ],
  [`${during}ssh: connect to host chat.example.org port 2222: Connection refused`, /a host that answers/],
  [`${during}ssh: connect to host chat.example.org port 2222: Connection timed out`, /a host that answers/],
  [
    "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied",
    /usermod --append --groups docker deploy/,
  ],
  [
    `${during}kex_exchange_identification: Connection closed by remote host`,
    /takes? ssh connections .*MaxStartups/,
  ],
  [
    `${during}Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures`,
    /let this user in/,
  ],
  [`${during}ssh: not found on the PATH of this machine`, /install an OpenSSH client on this machine/],
  [`${during}sh: 1: docker: not found`, /install Docker/],
  [
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    /systemctl start docker/,
  ],
  // The words of Docker 29.
  [
    "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
    /usermod --append --groups docker deploy/,
  ],
  [
    "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: connection refused",
    /systemctl start docker/,
  ],
  [
    `${during}dial unix /var/run/docker.sock: connect: no such file or directory`,
    /nothing answers on its socket/,
  ],
  [
    "Error response from daemon: client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
    /must speak an API .*bring Docker on both machines/,
  ],
  [
    "something else\nthe last line",
    /that answers \(the last line\); try: docker --host ssh:\/\/deploy@chat\.example\.org:2222 version/,
  ],
  ["", /no answer within 15 s/],
])("says what to do about %s", (said, expected) => {
  const { rule, fix } = engineFault(remote, said);
  expect(`${rule}; ${fix}`).toMatch(expected);
});
