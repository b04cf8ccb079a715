import { describe, expect, it, vi } from "vitest";
import { onDemand, RestApi } from "../workspace/api";
import { apply, look, nothing } from "../workspace/collection";
import { acceptFingerprint } from "../workspace/fingerprint";
import { fingerprint } from "../workspace/kinds/fingerprint";
import { OperatorError } from "../terminal/steps";
import { Script } from "./scripted-server";

const question = "GET /api/v1/settings.public?_id=Deployment_FingerPrint_Verified";
const answered = (value: unknown) => ({ settings: [{ _id: "Deployment_FingerPrint_Verified", value }] });
const accepted = '/api/v1/fingerprint {"setDeploymentAs":"updated-configuration"}';
const wanted = { deployment: { accepted: true } };
const nobody = () => Promise.reject(new OperatorError("administrator admin: no way in; npm run admin:token"));

describe("the fingerprint of a deployment", () => {
  it("that is accepted, or that the server does not tell of, is left alone, and nobody logs in", async () => {
    for (const reply of [answered(true), { settings: [] }]) {
      const script = new Script({ [question]: reply });
      await apply(onDemand(nobody), fingerprint(new RestApi(script)), wanted, nothing);
      expect(script.asked.map(({ method, headers }) => [method, headers])).toEqual([["GET", {}]]);
    }
  });

  it("that waits for an administrator is answered: the same workspace", async () => {
    const script = new Script({ [question]: answered(false), "POST /api/v1/fingerprint": {} });
    const server = new RestApi(script);

    await apply(server.as({ "X-User-Id": "u1" }), fingerprint(server), wanted, nothing);

    expect(script.writes).toEqual([accepted]);
    expect(script.asked.at(-1)?.headers).toMatchObject({ "X-User-Id": "u1" });
  });

  it("that came to wait since is found by a refresh", async () => {
    const server = new RestApi(new Script({ [question]: answered(false) }));
    const known = { items: wanted, ids: { deployment: "deployment" }, answers: {} };
    expect((await look(server, fingerprint(server), known)).items).toEqual({
      deployment: { accepted: false },
    });
  });

  it("that nobody can answer is told of with the right button, and fails nothing", async () => {
    const server = new RestApi(new Script({ [question]: answered(false) }));
    expect(await acceptFingerprint(server, nobody)).toMatch(
      /the right answer is "Configuration update".*npm run admin:token/,
    );

    const said = vi.spyOn(console, "error").mockReturnValue();
    await apply(onDemand(nobody), fingerprint(server), wanted, nothing);
    expect(said.mock.calls.join()).toMatch(/^deployment: administrators are asked whether/);
    said.mockRestore();
  });
});
