import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listEntries, readEntry } from '../library.ts'
import { readArgs } from '../kit/args.ts'
import { commandsOf } from '../kit/command.ts'
import { withSubprograms } from '../kit/subprograms.ts'
import { makeKinds } from '../kinds/index.ts'
import { runbook } from './index.ts'

const root = join(import.meta.dirname, '../..')
const content = join(root, 'content/runbooks')
const full = await withSubprograms(runbook)
const names = new Set(commandsOf(full).map(({ name }) => name))

/** The words of a command as a person would type it, its values filled with something that fits. */
function wordsOf(text: string): string[] {
  const filled = text
    .replaceAll(/\$\{\{[^}]*\}\}|\$\{[^}]*\}|<[^>]+>/g, 'x')
    .replaceAll(/--as x\b|--as done\|[a-z|]+/g, '--as done')
    .replace(/(?<! --[a-z-]+) …$/, '')
    .replaceAll('--color …', '--color blue')
    .replaceAll('…', 'x')
  return [...filled.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
}

/** Commands in backticks with at least one argument; the name of a command or of a flag of it speaks of it, and is not to be typed. */
function commandsIn(text: string): string[] {
  return [
    ...text.matchAll(/\\?`runbook ((?:alerts |site )?[a-z-]+ (?:\$\{\{[^}]*\}\}|\$\{[^}]*\}|[^`\\])+)\\?`/g),
  ]
    .map(([, command = '']) => command)
    .filter((command) => !names.has(command.replace(/ --[a-z-]+$/, '')))
}

const sources = readdirSync(join(root, 'runner'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .flatMap((name) =>
    commandsIn(readFileSync(join(root, 'runner', name), 'utf8')).map((command) => [command, name] as const),
  )

test.each(sources)('the program proposes `runbook %s` (%s), and reads it', (command) => {
  expect(() => readArgs(full, wordsOf(command))).not.toThrow()
})

const entries = listEntries(content)
const documents = await Promise.all(entries.map((entry) => readEntry(entry, root, makeKinds())))
const proposed = documents.flatMap(({ bytes }, index) =>
  commandsIn(bytes.toString()).map((command) => [command, entries[index]?.slug ?? ''] as const),
)

test.each(proposed)('`runbook %s` in %s is read, and gives every input that has no default', (command) => {
  const { command: declared, args, options } = readArgs(full, wordsOf(command))
  if (declared?.name !== 'exec' && declared?.name !== 'plan') return
  const named = documents.find((_, index) => entries[index]?.slug === args['runbook'])?.runbook
  const given = (options['input'] as string[]).map((pair) => pair.split('=')[0])
  const missing = Object.entries(named?.meta.inputs ?? {})
    .filter(([name, spec]) => spec.default === undefined && spec.required !== false && !given.includes(name))
    .map(([name]) => name)
  expect(named).toBeDefined()
  expect(missing).toEqual([])
})

test('the scripts of the runbooks call commands that exist', () => {
  const words = new Set([...names].flatMap((name) => [name, name.split(' ')[0]]))
  const called = documents.flatMap(({ runbook: document }) =>
    (document?.steps ?? [])
      .flatMap(({ fences }) => fences)
      .filter(({ lang }) => lang === 'bash')
      .flatMap(({ code }) => [...code.matchAll(/(?:^|[\n(|&;]|then|if|!)\s*runbook ([a-z-]+)/g)])
      .map(([, name = '']) => name),
  )
  expect(called.length).toBeGreaterThan(100)
  expect([...new Set(called)].filter((name) => !words.has(name))).toEqual([])
})
