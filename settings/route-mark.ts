/** The first line of a route file in a directory that is not ours: only a file with it is overwritten or removed. */
export function routeMark(workspace: string): string {
  return `# The route of ${workspace}, written by its deployment; changes are overwritten.`;
}
