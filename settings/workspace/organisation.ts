import { z } from "zod";
import { oneOf, text } from "../leaf";
import { line, webAddress, wordOf } from "./leaves";

/** How many people; Rocket.Chat numbers the ranges from 0. */
export const organisationSizes = [
  "1-10",
  "11-50",
  "51-100",
  "101-250",
  "251-500",
  "501-1000",
  "1001-4000",
  "4000+",
] as const;

/** Who the workspace is for. What is left out is the administrators'. */
export const organisationSchema = z.strictObject({
  name: line("Example Ltd").optional(),
  type: oneOf("community", "enterprise", "government", "nonprofit").optional(),
  size: oneOf(...organisationSizes).optional(),
  industry: wordOf("Industry", "technologyServices").optional(),
  country: wordOf("Country", "france").optional(),
  website: webAddress("https://example.org", "https", "http").optional(),
  /** What browsers and e-mails call the workspace. */
  siteName: line("Example Chat").optional(),
  /** Of those who have not chosen one. */
  language: text("fr", "must be a language such as fr or pt-BR", (value) =>
    /^[a-z]{2,3}(-[A-Za-z]{2,4})?$/.test(value),
  ).optional(),
  serverType: oneOf("privateTeam", "publicCommunity").optional(),
});
