/**
 * What the tests' containers, networks, directories and notes begin with. Each belongs to one test file, so that files run side by
 * side, and what a killed run left of it is known for a test's.
 */
export const prefixes = (
  "it- ita- itab- itae- itb- itbk- itbkb- itc- itdd- itdg- itdr- itf- itfb- ithe- ithx- iti- itj- " +
  "itk- itlo- itm- itp- itpr- itpra- itr- itre- itreb- its- itw- itwc- itx- itxf-"
).split(" ");

export function isOfATest(name: string): boolean {
  return prefixes.some((prefix) => name.startsWith(prefix));
}
