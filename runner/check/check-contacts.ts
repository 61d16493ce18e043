import { existsSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { LineCounter, isScalar, visit } from 'yaml'
import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { readYaml } from '../model/text/yaml.ts'
import type { People } from '../people.ts'
import { textOf } from '../regular-file.ts'

/** Text in place of an address. */
const unfinished = /\b(TODO|TBD|FIXME|XXX)\b|^(unknown|nobody)@/i

/** Roles that are called or told when something breaks, and that nobody has who can be reached. */
export function checkContacts(severities: string, roles: People['holders'], cwd: string): Diagnostic[] {
  if (!existsSync(severities)) return []
  const counter = new LineCounter()
  const document = readYaml(textOf(severities), { lineCounter: counter })
  const findings: Diagnostic[] = []
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.value !== 'role' || !isScalar(value) || typeof value.value !== 'string')
        return
      const role = value.value
      const holders = roles[role] ?? []
      if (holders.some((address) => !unfinished.test(address))) return
      const { line, col } = counter.linePos(value.range?.[0] ?? 0)
      const file = relative(cwd, severities).split(sep).join('/')
      const why = holders.length === 0 ? 'no person has it' : `${holders.join(', ')} is not an address`
      const hint = 'Give the role to somebody in the list of people: at night there is nobody to ask.'
      const message = `Unexpected role \`${role}\`, expected one that can be reached: ${why}`
      if (!findings.some((one) => one.message === message))
        findings.push(diagnostic('contact-missing', { file, line, column: col }, message, { hint }))
    },
  })
  return findings
}

const longest = { days: 180, ms: 180 * 86_400_000 }

/** Contacts whose `checked:` day is too long ago. `now` in milliseconds since the epoch. */
export function checkContactAges(people: string, now: number, cwd: string): Diagnostic[] {
  if (!existsSync(people)) return []
  const counter = new LineCounter()
  const document = readYaml(textOf(people), { lineCounter: counter })
  const findings: Diagnostic[] = []
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.value !== 'checked' || !isScalar(value)) return
      const day = String(value.value)
      if (!(now - Date.parse(day) > longest.ms)) return
      const { line, col } = counter.linePos(value.range?.[0] ?? 0)
      const file = relative(cwd, people).split(sep).join('/')
      const message = `Unexpected contact checked on ${day}, expected a check every ${longest.days} days`
      const hint = 'Try the address, then set `checked:` to the day.'
      findings.push(diagnostic('contact-overdue', { file, line, column: col }, message, { hint }))
    },
  })
  return findings
}
