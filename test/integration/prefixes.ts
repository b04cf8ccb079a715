/**
 * What the tests' containers, networks, directories and notes begin with. Each belongs to one test file, so that files run side by
 * side, and what a killed run left of it is known for a test's.
 */
export const prefixes = (
  "dpha- dphb- it- ita- itab- itad- itae- itak- itb- itbk- itbkb- itbr- itc- itdd- itdg- itdr- itf- itfb- ithe- ithx- ithy- iti- itj- " +
  "itk- itlo- itm- itp- itpr- itpra- itr- itre- itreb- itrk- its- itsl- itsr- itw- itwc- itx- itxf-"
).split(" ");

export function isOfATest(name: string): boolean {
  return prefixes.some((prefix) => name.startsWith(prefix));
}
