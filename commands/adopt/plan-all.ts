import type { Facts } from "./facts";
import { Plan, type PlanOptions } from "./plan";
import { planChat } from "./plan-chat";
import { planDirectories } from "./plan-directories";
import { planFrontDoor } from "./plan-front-door";
import { planMongo } from "./plan-mongo";

/** From what is there to what will be. Pure: it looks at nothing but its arguments. */
export function planOf(facts: Facts, options: PlanOptions): Plan {
  const plan = new Plan(options.accepted);
  planChat(plan, facts, options);
  planMongo(plan, facts, options);
  planDirectories(plan, facts, options);
  planFrontDoor(plan, facts, options);
  return plan;
}
