import type { CheckSignature } from '../../journal/verify/rules/signatures.ts'
import { keyName } from '../../journal/verify/sshsig.ts'
import { textOf } from '../../regular-file.ts'

const line = /^(?<people>"[^"]*"|\S+)\s+(?<options>.*?)(?:ssh|ecdsa|sk)-\S+\s+(?<key>AAAA[A-Za-z0-9+/]+=*)/

/** For whom a list of allowed signers has a key. Validity and purpose do not matter: who has a key, has it. */
export function listedKeys(file: string): NonNullable<CheckSignature['lists']> {
  const lists = new Map<string, string[]>()
  for (const text of textOf(file).split(/\r?\n/)) {
    const { people = '', options = '', key = '' } = line.exec(text.trim())?.groups ?? {}
    // The key of an authority signs for nobody: those in its certificates do.
    if (people === '' || people.startsWith('#') || /\bcert-authority\b/i.test(options)) continue
    const fingerprint = keyName(Buffer.from(key, 'base64'))?.split(' ').at(-1) ?? ''
    lists.set(fingerprint, [...(lists.get(fingerprint) ?? []), people.replaceAll('"', '')])
  }
  return (fingerprint, person) =>
    (lists.get(fingerprint) ?? []).some((patterns) => matches(patterns.split(','), person))
}

/** The keys of a list by type and fingerprint, each with the patterns of its lines. */
export function keyOwners(file: string): { key: string; owners: string[] }[] {
  const owners = new Map<string, string[]>()
  for (const text of textOf(file).split(/\r?\n/)) {
    const { people = '', options = '', key = '' } = line.exec(text.trim())?.groups ?? {}
    if (people === '' || people.startsWith('#') || /\bcert-authority\b/i.test(options)) continue
    const name = keyName(Buffer.from(key, 'base64'))
    if (name !== undefined)
      owners.set(name, [...(owners.get(name) ?? []), ...people.replaceAll('"', '').split(',')])
  }
  return [...owners].map(([key, names]) => ({ key, owners: [...new Set(names)] }))
}

/** As `ssh-keygen` matches a list of patterns: a `!` takes out again. */
function matches(patterns: readonly string[], person: string): boolean {
  const fits = (pattern: string): boolean =>
    new RegExp(
      `^${pattern
        .split('*')
        .map((part) => part.split('?').map(RegExp.escape).join('.'))
        .join('.*')}$`,
      'i',
    ).test(person)
  return (
    patterns.some((one) => !one.startsWith('!') && fits(one)) &&
    !patterns.some((one) => one.startsWith('!') && fits(one.slice(1)))
  )
}
