/** Whether an absolute path is another one or lies below it, by their names: links are not followed. */
export function isWithin(inner: string, outer: string): boolean {
  return `${inner}/`.startsWith(`${outer}/`);
}
