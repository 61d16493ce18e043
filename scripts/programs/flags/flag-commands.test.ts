import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readArgs } from '../../../runner/kit/args.ts'
import { systemIo } from '../../../runner/kit/io.ts'
import { ProblemError } from '../../../runner/model/problem.ts'
import { program } from '../../flags.ts'

interface Ran {
  code: number
  stdout: string
  stderr: string
}

const io = systemIo({ json: false, quiet: true, noInput: true, noColor: false })
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flags-'))
})
afterAll(() => rm(dir, { recursive: true }))

/** Runs a command in this process, on real files. `test/scripts/flags.test.ts` starts the program itself. */
async function flags(...argv: string[]): Promise<Ran> {
  try {
    const { command, args, options, dryRun } = readArgs(program, [...argv, '--dir', dir])
    if (command === undefined) throw new Error('no command')
    const { run } = 'run' in command ? command : await command.load()
    const report = await run({ io, args, options, dryRun })
    if (typeof report === 'number') return { code: report, stdout: '', stderr: '' }
    return { code: report.exitCode ?? 0, stdout: report.text, stderr: '' }
  } catch (error) {
    if (error instanceof ProblemError) return { code: error.exitCode, stdout: '', stderr: error.message }
    throw error
  }
}
const key = (name: string): string[] => ['--key', name]
/** Succeeds. */
async function make(...args: string[]): Promise<string> {
  const ran = await flags(...args)
  expect([ran.code, ran.stderr]).toEqual([0, ''])
  return ran.stdout
}
/** Fails with exit code 1, and says so. */
async function refused(...args: string[]): Promise<string> {
  const ran = await flags(...args)
  expect(ran.code, ran.stdout).toBe(1)
  return ran.stderr
}

test('a flag has values that are texts, numbers or objects, and a kill gives everybody the one that is off', async () => {
  const text = ['--values', 'text', '--variant', 'light=light', '--variant', 'dark=midnight blue']
  await make('create', ...key('ui_theme'), '--owner', 'web', ...text)
  await make(
    'create',
    ...key('ui_size'),
    '--owner',
    'web',
    '--values',
    'number',
    '--variant',
    'small=10',
    '--variant',
    'big=20.5',
    '--off',
    'small',
  )
  await make(
    'create',
    ...key('ui_shape'),
    '--owner',
    'web',
    '--values',
    'object',
    '--variant',
    'a={"r":1}',
    '--variant',
    'b={"r":2}',
  )
  await make('set', ...key('ui_theme'), '--percent', '100')
  await make('set', ...key('ui_size'), '--percent', '12.5')
  expect(await make('evaluate', ...key('ui_theme'), '--user', 'u')).toBe('on, dark: "midnight blue"\n')
  expect(await make('evaluate', ...key('ui_shape'), '--user', 'u')).toBe('off, a: {"r":1}\n')
  expect(await make('evaluate', ...key('ui_size'))).toMatch(/^on for 1[12]\d\d of 10000 users\n$/)
  await make('kill', ...key('ui_theme'))
  expect(await make('evaluate', ...key('ui_theme'), '--user', 'u')).toBe('off, light: "light"\n')
  expect(await make('lint')).toContain('0 findings')
})

test.each([
  ['one variant', ['--values', 'text', '--variant', 'a=x'], 'at least two variants'],
  [
    'a value of another type',
    ['--values', 'number', '--variant', 'a=1', '--variant', 'b=two'],
    '`two` is not a value of the type number',
  ],
  [
    'an unknown variant for off',
    ['--values', 'text', '--variant', 'a=1', '--variant', 'b=2', '--off', 'c'],
    '`c` is not one of the variants',
  ],
  [
    'variants of a boolean',
    ['--variant', 'a=true', '--variant', 'b=false'],
    'A boolean flag has the variants on and off',
  ],
  ['a variant given twice', ['--values', 'text', '--variant', 'a=1', '--variant', 'a=2'], 'given twice'],
])('%s is refused, and nothing is created', async (_, args, message) => {
  const ran = await flags('create', ...key('ui_bad'), '--owner', 'web', ...args)
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(message)])
  expect(await refused('show', ...key('ui_bad'))).toContain('There is no flag ui_bad')
})

test('requirements are checked before a flag goes on, before one that is needed goes down, and before it is archived', async () => {
  await make('create', ...key('ui_cart'), '--owner', 'web')
  await make('create', ...key('ui_total'), '--owner', 'web', '--requires', 'ui_cart')
  expect(await refused('create', ...key('ui_lost'), '--owner', 'web', '--requires', 'ui_none')).toContain(
    'does not exist',
  )
  expect(await refused('set', ...key('ui_total'), '--percent', '10')).toContain(
    'requires `ui_cart`, which is on for 0 %',
  )
  expect(await refused('set', ...key('ui_total'), '--percent', '10', '--dry-run')).toContain(
    'requires `ui_cart`',
  )
  await make('set', ...key('ui_cart'), '--percent', '100')
  await make('set', ...key('ui_total'), '--percent', '10')
  expect(await refused('set', ...key('ui_cart'), '--percent', '50', '--take-away')).toContain(
    '`ui_total` would be on without',
  )
  expect(await refused('describe', ...key('ui_cart'), '--requires', 'ui_total')).toContain('that is a circle')
  const archive = ['archive', ...key('ui_cart'), '--repository', dir, '--early', '--comment', 'x']
  expect(await refused(...archive)).toContain('`ui_total` requires `ui_cart`')
})

test('a kill turns off what requires the flag in the same moment, and its restore brings all of them back', async () => {
  const save = join(dir, 'killed.json')
  expect(await make('kill', ...key('ui_cart'), '--save', save)).toContain(
    'ui_total is off: it requires ui_cart',
  )
  expect(await make('evaluate', ...key('ui_total'))).toBe('on for 0 of 10000 users\n')
  await make('restore', ...key('ui_cart'), '--from', save)
  expect(await make('evaluate', ...key('ui_total'))).toMatch(/^on for (9|10)\d\d of/)
  await make('kill', ...key('ui_cart'), '--alone')
  expect(await make('show', ...key('ui_total'))).toContain('ui_total in lab: 10 %')
  const lint = await flags('lint')
  expect([lint.code, lint.stdout]).toEqual([1, expect.stringContaining('requires `ui_cart`')])
})

test('a rollout that goes on, or is rolled back, does not bring back a flag that somebody has killed', async () => {
  const save = join(dir, 'stage.json')
  await make('create', ...key('ui_slow'), '--owner', 'web')
  await make('set', ...key('ui_slow'), '--percent', '25')
  await make('set', ...key('ui_slow'), '--percent', '50', '--save', save)
  await make('kill', ...key('ui_slow'))
  expect(await refused('set', ...key('ui_slow'), '--percent', '100', '--from', '50')).toContain(
    'is on for 0 % of the users',
  )
  expect(await refused('set', ...key('ui_slow'), '--percent', '100')).toContain('was killed at')
  expect(await refused('target', ...key('ui_slow'), '--user', 'user-1')).toContain('was killed at')
  expect(await make('restore', ...key('ui_slow'), '--from', save)).toContain('it stays off')
  await make('set', ...key('ui_slow'), '--percent', '0')
  expect(await refused('set', ...key('ui_slow'), '--percent', '10')).toContain('was killed at')
  expect((await flags('set', ...key('ui_slow'), '--percent', '10', '--after-kill')).code).toBe(2)
  await make('set', ...key('ui_slow'), '--percent', '10', '--after-kill', '--comment', 'mended')
  await make('set', ...key('ui_slow'), '--percent', '25')
})

test('a flag that has expired, or that has no owner, is not given to more users', async () => {
  await make('create', ...key('ui_old'), '--owner', 'web', '--expires', '2026-01-31')
  expect(await refused('set', ...key('ui_old'), '--percent', '10')).toContain('expired on 2026-01-31')
  const stale = await flags('stale', '--fail-on', 'stale')
  expect([stale.code, stale.stdout]).toEqual([
    1,
    expect.stringContaining('it expired on 2026-01-31 [expired]'),
  ])
  await make('describe', ...key('ui_old'), '--expires', '2999-01-01')
  await make('set', ...key('ui_old'), '--percent', '10')
  const file = join(dir, 'lab.flagd.json')
  const text = await readFile(file, 'utf8')
  const content = JSON.parse(text) as { flags: Record<string, { metadata: { owner?: string } }> }
  delete content.flags['ui_old']?.metadata.owner
  await writeFile(file, JSON.stringify(content))
  expect(await refused('set', ...key('ui_old'), '--percent', '25')).toContain('has no owner')
  await make('describe', ...key('ui_old'), '--owner', 'team-web')
  await make('set', ...key('ui_old'), '--percent', '25')
  expect((await flags('describe', ...key('ui_old'))).code).toBe(2)
})
