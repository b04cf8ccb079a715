import { describe, expect, it } from "vitest";
import { commandsOf, forStack } from "./integration/operate";

describe("the commands of a document", () => {
  it("are its sh blocks, one command each, in their order", () => {
    const markdown =
      "Text `docker ps`.\n\n```sh\ndocker logs rocketchat\n```\n\n```shell\nnpm run up\n```\n\n```sh\nfirst |\n  second\n```\n";
    expect(commandsOf(markdown)).toEqual(["docker logs rocketchat", "first |\n  second"]);
  });
});

describe("a command for a stack with a prefix", () => {
  it.each([
    ["docker restart rocketchat", "docker restart it-rocketchat"],
    ["docker exec -i -u 0 mongodb-shared id", "docker exec -i -u 0 it-mongodb-shared id"],
    ["docker logs traefik --tail 50", "docker logs it-traefik --tail 50"],
    ["cat /opt/rocketchat/.env", "cat /opt/it-rocketchat/.env"],
    ["ls /opt/traefik/acme /opt/mongodb-shared/data", "ls /opt/it-traefik/acme /opt/it-mongodb-shared/data"],
  ])("%s is %s", (command, expected) => {
    expect(forStack(command, "it-")).toBe(expected);
  });

  it("keeps the names of the database and of its user", () => {
    expect(
      forStack(
        "docker exec -i mongodb-shared mongosh rocketchat -u rocketchat < /opt/rocketchat/secrets/x",
        "it-",
      ),
    ).toBe(
      "docker exec -i it-mongodb-shared mongosh rocketchat -u rocketchat < /opt/it-rocketchat/secrets/x",
    );
  });

  it("wants no terminal", () => {
    expect(forStack("docker exec -it mongodb-shared mongosh", "it-")).toBe(
      "docker exec -i it-mongodb-shared mongosh",
    );
  });

  it.each(["docker logs rocketchat --tail 100 -f", "docker stats rocketchat"])(
    "ends %s, which goes on for ever",
    (command) => {
      expect(forStack(command, "")).toBe(`timeout -s KILL 5 ${command} || test $? -eq 137`);
    },
  );

  it.each(["docker logs rocketchat --tail 50", "docker stats --no-stream rocketchat"])(
    "leaves %s its time",
    (command) => {
      expect(forStack(command, "")).toBe(command);
    },
  );
});
