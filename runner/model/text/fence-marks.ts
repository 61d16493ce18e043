/** Backticks for a fence around a text: more than stand together in it, and three at least. */
export function fenceMarks(text: string): string {
  return '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)))
}
