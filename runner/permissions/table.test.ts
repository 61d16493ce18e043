import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kinds, table, verbs } from './table.ts'
import type { CallerKind, Relation } from './table.ts'

const names: Record<CallerKind, string> = {
  human: 'people',
  service: 'programs',
  agent: 'agents',
  runner: 'runners',
  hub: 'the hub',
}

const relations: Record<Relation, string> = {
  any: 'yes',
  own: 'own runs',
  approver: 'as approver of the run',
}

/** The table as the documentation shows it. */
function asMarkdown(): string {
  const head = [
    'right',
    'to',
    ...kinds.map((kind) => names[kind]),
    'by a group',
    'signed where presence is asked',
  ]
  const rows = verbs.map((verb) => {
    const { means, callers, fromGroups, presence } = table[verb]
    const cells = kinds.map((kind) => {
      const relation = callers[kind]
      return relation === undefined ? '' : relations[relation]
    })
    return [`\`${verb}\``, means, ...cells, fromGroups ? 'yes' : '', presence ? 'yes' : '']
  })
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

test('the documentation has the table of rights as it is', () => {
  const page = readFileSync(join(import.meta.dirname, '../../content/docs/hub.md'), 'utf8')
  const shown = page.split(/{\/\* rights \*\/}|<!-- \/?rights[^>]*-->/)[1]?.trim()
  expect(shown).toBe(asMarkdown())
})
