import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { parseFlags } from './args.ts'
import type { Program } from './command.ts'
import { examplesOf, programPage, programsOf } from './program-page.ts'

const programs = await programsOf(dirname(import.meta.dirname))
const page = new URL('../../content/docs/programs.md', import.meta.url)

test('the page of the programs is what they say; write it again with node scripts/program-docs.ts', () => {
  expect(readFileSync(page, 'utf8')).toBe(programPage(programs))
})

test.each(programs.map((program) => [program.name, program] as const))(
  'the examples of %s are read by the program itself',
  (_, program) => {
    for (const example of examplesOf(program)) expect(() => parseExample(program, example)).not.toThrow()
  },
)

/** Reads an example as the program does, without running it; a line that calls another program says nothing here. */
function parseExample({ name, commands, fallback = '' }: Program, example: string): void {
  const [, rest] = example.split(name)
  if (rest === undefined) return
  const words = [...rest.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  )
  const named = commands[words[0] ?? '']
  const command = named ?? commands[fallback]
  if (command === undefined) throw new Error(`It names no command of ${name}`)
  parseFlags(named === undefined ? words : words.slice(1), command.options, command.positionals)
}
