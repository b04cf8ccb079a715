// Where Pulumi's plugin enters: the way here stands in every state (`ops/workspace/provider.ts`, through the link `ops`).
export { provider } from "../../workspace/provider";
