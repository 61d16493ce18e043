import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseMdx } from '../model/text/parse.ts'
import { readRunbook } from '../model/read-runbook.ts'
import { kinds } from './all.ts'
import { referencePage } from './kind-reference.ts'

const folder = new URL('../../content/docs/kinds/', import.meta.url)

test.each(kinds.map((kind, index) => ({ name: kind.name, kind, index })))(
  'the page of $name is what its schemas say; write it again with node scripts/kind-docs.ts',
  ({ name, kind, index }) => {
    const file = new URL(`${name}.mdx`, folder)
    const page = referencePage(kind, 300 + index)
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(page)
    expect(parseMdx(page.replace(/^---\n[^]*?\n---\n/, ''), `${name}.mdx`)).toHaveProperty('tree')
  },
)

test('no page is left of a kind that is gone', () => {
  expect(readdirSync(folder).toSorted()).toEqual(kinds.map(({ name }) => `${name}.mdx`).toSorted())
})

test.each(kinds.map((kind) => ({ name: kind.name, kind })))(
  'the example of $name is a runbook without errors',
  ({ kind }) => {
    const inputs = ['version', 'token', 'name'].map((name) => `  ${name}: {}`).join('\n')
    const text = `---\ntitle: T\ninputs:\n${inputs}\n---\n\n${kind.reference.example}\n`
    const { diagnostics } = readRunbook({ file: 'x.mdx', slug: 'x', bytes: Buffer.from(text) }, kinds)
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  },
)
