// The package's own types need another module resolution than Pulumi's.
declare module "tsx/cjs/api" {
  export function require(id: string, fromFile: string): unknown;
}
