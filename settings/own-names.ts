/** Every name of a container that a stack of this prefix bears, makes for a while, or removes, whether it has that part now or not. */
export function ownContainerNames(prefix: string) {
  const chat = `${prefix}rocketchat`;
  return {
    chat,
    backup: `${chat}-backup`,
    restore: `${chat}-restore`,
    maintenance: `${chat}-maintenance`,
    drill: `${chat}-drill`,
    drillMongo: `${chat}-drill-mongo`,
    drillChat: `${chat}-drill-chat`,
    traefik: `${prefix}traefik`,
    testCa: `${prefix}test-ca`,
    adoptionCheck: `${prefix}adoption-check`,
    adoptionMongod: `${prefix}adoption-mongod`,
  };
}

/** Networks that every engine has, or takes for a mode. A container on them sees the host, every other container, or nobody. */
export const engineNetworks = ["bridge", "host", "none", "default"];
