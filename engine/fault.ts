/** Why an engine does not answer, and what to do about it. */
export interface EngineFault {
  rule: string;
  fix: string;
}

/** What the docker CLI and ssh say, in the order in which it is looked for. */
const faults: { says: RegExp; rule: string; fix: (address: Address) => string }[] = [
  {
    says: /exec: "ssh": executable file not found|ssh: not found on the PATH/,
    rule: "is reached with ssh (this machine has none on the PATH)",
    fix: () => "install an OpenSSH client on this machine",
  },
  {
    says: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    rule: "must have the host key that is known for it (it shows another one)",
    fix: ({ knownHost }) =>
      `find out why, and only if the change is right: ssh-keygen -R '${knownHost}', then ssh to it once and compare the new key`,
  },
  {
    says: /Host key verification failed|host key is known for|No matching host key/,
    rule: "must have a host key that is known here (it is not)",
    fix: ({ ssh }) => `run ${ssh} true once, compare the key that it shows with the server's, and accept it`,
  },
  {
    says: /Permission denied \((publickey|password|keyboard|gssapi)|Too many authentication failures/,
    rule: "must let this user in with a key (it refused)",
    fix: ({ ssh }) =>
      `put the public key into that user's ~/.ssh/authorized_keys, or load a key with a passphrase into the agent (ssh-add); try: ${ssh} true`,
  },
  {
    says: /permission denied while trying to connect to the Docker (daemon|API)|dial unix [^ ]+: connect: permission denied/i,
    rule: "must let its user use Docker (it does not)",
    fix: ({ user }) => `on that host, as root: usermod --append --groups docker ${user}`,
  },
  {
    // Before "connection refused", which is what a socket says that nobody listens on.
    says: /Cannot connect to the Docker daemon|Is the docker daemon running|docker\.sock: no such file|failed to connect to the docker API|dial unix [^ ]+: connect: (connection refused|no such file)/i,
    rule: "must be running (nothing answers on its socket)",
    fix: () => "on that host, as root: systemctl start docker",
  },
  {
    says: /client version [0-9.]+ is too (old|new)/,
    rule: "must speak an API that this machine's docker command speaks, too (it does not)",
    fix: () => "bring Docker on both machines to releases of one year, the older one first",
  },
  {
    says: /Could not resolve hostname|Name or service not known|Temporary failure in name resolution/,
    rule: "must name a host that can be found (its name does not resolve)",
    fix: () => "correct the name or its DNS entry",
  },
  {
    says: /No route to host|Network is unreachable|[Cc]onnection timed out|Operation timed out|[Cc]onnection refused/,
    rule: "must be a host that answers (it does not)",
    fix: ({ ssh }) =>
      `see that it runs, that address and port are right, and that no firewall is between; try: ${ssh} true`,
  },
  {
    says: /kex_exchange_identification|Connection (reset|closed) by/,
    rule: "must take ssh connections (it closes them before a login)",
    fix: ({ ssh }) =>
      `see that sshd listens on that port, lets this machine in, and is not busy with other logins (MaxStartups); try: ${ssh} true`,
  },
  {
    says: /docker: (command )?not found|executable file not found/,
    rule: "must have Docker installed (it has no docker command)",
    fix: () => "install Docker 20.10 or later on that host",
  },
];

interface Address {
  user: string;
  /** The host as `known_hosts` has it. */
  knownHost: string;
  /** The command that opens a shell there. */
  ssh: string;
}

/** @param said What the docker CLI printed on standard error; empty when it did not end in time. */
export function engineFault(engine: string, said: string): EngineFault {
  const address = addressOf(engine);
  const fault = faults.find(({ says }) => says.test(said));
  if (fault !== undefined) return { rule: fault.rule, fix: fault.fix(address) };
  const reason = said.trim().split("\n").at(-1) || "no answer within 15 s";
  return {
    rule: `must be a Docker engine that answers (${reason})`,
    fix: `try: docker --host ${engine} version`,
  };
}

function addressOf(engine: string): Address {
  const [, user = "USER", host = "", port] = /^ssh:\/\/([^@]+)@([^:]+)(?::([0-9]+))?$/.exec(engine) ?? [];
  return {
    user,
    knownHost: port === undefined ? host : `[${host}]:${port}`,
    ssh: `ssh${port === undefined ? "" : ` -p ${port}`} ${user}@${host}`,
  };
}
