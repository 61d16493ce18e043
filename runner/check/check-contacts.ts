import { existsSync, readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { LineCounter, isScalar, parseDocument, visit } from 'yaml'
import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { People } from '../people.ts'

/** Text in place of an address. */
const unfinished = /\b(TODO|TBD|FIXME|XXX)\b|^(unknown|nobody)@/i

/** Roles that are called or told when something breaks, and that nobody has who can be reached. */
export function checkContacts(severities: string, roles: People['holders'], cwd: string): Diagnostic[] {
  if (!existsSync(severities)) return []
  const counter = new LineCounter()
  const document = parseDocument(readFileSync(severities, 'utf8'), { lineCounter: counter })
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
