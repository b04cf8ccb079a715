/** A secret's generation is there before MongoDB or Rocket.Chat runs: who finds one knows that this project was there. */
export function isGeneration(file: string): boolean {
  return file.endsWith(".generation");
}
