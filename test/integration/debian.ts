/**
 * A shell command that installs Debian's packages as root. Test files run side by side, and apt-get refuses a second one while it
 * looks for what is new; RUNLEVEL keeps a package from starting its service.
 */
export function aptInstall(...packages: string[]): string {
  const install = `RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=120 --no-install-recommends ${packages.join(" ")}`;
  return `flock /var/lock/rocketchat-tests-apt sh -c '${install} || { apt-get update -qq && ${install}; }'`;
}
