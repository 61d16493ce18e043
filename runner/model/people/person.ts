/** Spellings of an address, by their folded form, that stand for another one: the aliases of the list of people. */
export type Aliases = Readonly<Record<string, string>>

/**
 * One spelling for all of an address: no display name, spaces or invisible characters, compatible letters as one (NFKC),
 * no difference of case, no final dot, a domain as the DNS has it. The recipe (checks.jq) does the same for plain ASCII.
 */
export function spelling(id: string): string {
  const address = /<([^<>]*)> *$/.exec(id)?.[1] ?? id
  // Upper case first: it makes one of letters that have two lower forms, such as the two forms of sigma.
  const folded = address
    .normalize('NFKC')
    .replaceAll(/[\s\p{Cf}]/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/\.+$/, '')
  return folded.replace(/[^@]*[^\0-\x7f][^@]*$/, asciiDomain)
}

/** A domain in the form of the DNS, `xn--…`, which is another spelling of the same; text that is not a domain is unchanged. */
function asciiDomain(domain: string, at: number): string {
  return at === 0 ? domain : (URL.parse(`http://${domain}`)?.hostname ?? domain)
}

/** The person behind an address: its spelling, or the one it is an alias of. */
export function personOf(id: string, aliases: Aliases = {}): string {
  const spelt = spelling(id)
  return Object.hasOwn(aliases, spelt) ? spelling(aliases[spelt] ?? spelt) : spelt
}

/** The spellings of the person behind an address: their own, and those of their aliases. */
export function spellingsOf(id: string, aliases: Aliases = {}): string[] {
  const others = Object.keys(aliases).filter((alias) => samePerson(alias, id, aliases))
  return [...new Set([personOf(id, aliases), ...others])]
}

/** Whether two addresses are one person. The key that signed decides further: see rules-signatures. */
export function samePerson(a: string, b: string, aliases: Aliases = {}): boolean {
  return personOf(a, aliases) === personOf(b, aliases)
}

/**
 * Whether an address is plain ASCII: a name, or one with a domain, without quotes, comments, a scheme or escapes. Any
 * other can be made to look like that of somebody else, or is a second way to write it.
 */
export function isPlain(id: string): boolean {
  return /^[ -~]+$/.test(id) && /^[\w.!#$%&'*+/=?^`{|}~-]+(@[a-z0-9.-]+)?$/.test(spelling(id))
}
