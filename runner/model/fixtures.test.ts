import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kinds } from '../kinds/all.ts'
import type { Diagnostic } from './diagnostic.ts'
import { readRunbook } from './read-runbook.ts'
import type { RunbookReading } from './read-runbook.ts'
import { lineOf } from './runbook.ts'

const folder = join(import.meta.dirname, '../../test/fixtures/model')
const update = process.env['UPDATE'] === '1'

/** Steps as a person would write them down: id, title, and each line of code with its line in the document. */
function stepsOf({ document }: RunbookReading): string {
  return document.steps
    .map(({ id, kind, title, fences }) => {
      const code = fences.flatMap((fence) => [
        `  ${fence.lang} ${[fence.role, ...fence.flags].join(' ')}`,
        ...fence.code.split('\n').map((text, index) => `  ${lineOf(fence, index)} | ${text}`.trimEnd()),
      ])
      return [`${kind} #${id} ${title}`, ...code].join('\n')
    })
    .join('\n')
}

function lineFor({ place, severity, message, code, hint, notes }: Diagnostic): string {
  const more = (notes ?? [])
    .map((note) => `\n  note: ${note.place.line}:${note.place.column}: ${note.message}`)
    .join('')
  return `${place.line}:${place.column}: ${severity}: ${message} [${code}]${more}\n  hint: ${hint}`
}

const names = (reading: RunbookReading): string =>
  reading.document.anchors.map(({ name, kind }) => `${kind} ${name}`).join('\n')

/** Compares with the file beside the input; `UPDATE=1` writes it anew, to be read before it is committed. */
function matches(file: string, actual: string): void {
  if (update) writeFileSync(file, `${actual}\n`)
  expect(`${actual}\n`).toBe(readFileSync(file, 'utf8'))
}

test.each(readdirSync(folder))('%s is read as its files say', (name) => {
  const input = readdirSync(join(folder, name)).find((file) => file.startsWith('input.')) ?? ''
  const bytes = readFileSync(join(folder, name, input))
  const reading = readRunbook({ file: input, slug: name, bytes }, kinds)
  matches(join(folder, name, 'steps.txt'), stepsOf(reading))
  matches(join(folder, name, 'anchors.txt'), names(reading))
  matches(join(folder, name, 'diagnostics.txt'), reading.diagnostics.map(lineFor).join('\n'))
})
