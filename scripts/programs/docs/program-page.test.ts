import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readArgs } from '../../../runner/kit/args.ts'
import { commandsOf, hasDryRun } from '../../../runner/kit/command.ts'
import type { Program } from '../../../runner/kit/command.ts'
import { loadPrograms, programs as listed } from '../../programs.ts'
import { programPage } from './program-page.ts'

const programs = await loadPrograms()
const page = new URL('../../../content/docs/programs.md', import.meta.url)

test('the page of the programs is what they say; write it again with node scripts/program-docs.ts', () => {
  expect(readFileSync(page, 'utf8')).toBe(programPage(programs))
})

test('the list of the operations has the name and the summary of each', () => {
  const own = programs.map(({ name, summary }) => ({ name, summary }))
  expect(listed.map(({ name, summary }) => ({ name: `runbook ${name}`, summary }))).toEqual(own)
})

test.each(programs.map((program) => [program.name, program] as const))(
  'the examples of %s are read by the program itself',
  (_, program) => {
    for (const example of program.examples) expect(() => parseExample(program, example)).not.toThrow()
  },
)

test('a command of a program that changes something has --dry-run, or says why it has none', () => {
  const without = programs.flatMap((program) =>
    commandsOf(program)
      .filter((command) => command.effect === 'write' && !hasDryRun(command))
      .map(({ name }) => `${program.name} ${name}`),
  )
  expect(without).toEqual(['runbook lab fault', 'runbook lab reset', 'runbook demo demo'])
})

/** Reads an example as the program does, without running it; a line that calls another program says nothing here. */
function parseExample(program: Program, example: string): void {
  const [, rest] = example.split(program.name)
  if (rest === undefined) return
  const words = [...rest.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  )
  readArgs(program, words)
}
