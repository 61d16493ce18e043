const page = /^alerts\/[^/]+\/index\.html$/

/**
 * The same pages of alerts at an address in small letters, each with the file that it is a copy of. Hosts tell capitals apart, and the page
 * for a lost address tries these. `made` has the files of the pages that Astro wrote; one of them is never replaced.
 */
export function inSmallLetters(made: ReadonlySet<string>): Map<string, string> {
  const copies = [...made]
    .filter((file) => page.test(file))
    .map((file) => [file.toLowerCase(), file] as const)
  return new Map(copies.filter(([copy]) => !made.has(copy)))
}
