/** The last line of the first text that has one: where a program that failed says why. Empty when it said nothing. */
export function lastLine(...printed: readonly string[]): string {
  const said = printed.map((text) => text.trim()).find((text) => text !== '')
  return said?.split(/\r?\n/).at(-1) ?? ''
}
