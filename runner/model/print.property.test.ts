import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { kinds } from '../kinds/all.ts'
import { readRunbook } from './read-runbook.ts'
import { effort } from '../../test/support/effort.ts'
import { print, authoredSteps } from '../../test/support/print.ts'

test('what is printed is read back the same', () => {
  fc.assert(
    fc.property(authoredSteps, fc.boolean(), (steps, windows) => {
      const text = windows ? print(steps).replaceAll('\n', '\r\n') : print(steps)
      const { document, diagnostics } = readRunbook(
        { file: 'a.mdx', slug: 'a', bytes: Buffer.from(text) },
        kinds,
      )
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
      const read = document.steps.map(({ kind, attributes, fences, tasks }) => ({
        kind,
        attributes: Object.fromEntries(Object.entries(attributes).map(([name, { value }]) => [name, value])),
        fences: fences.map(({ role, lang, flags, code }) => ({ role, lang, flags, code })),
        tasks: tasks.map((task) => task.text),
      }))
      expect(read).toEqual(steps)
    }),
    effort(100, 5000),
  )
})
