import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { PRESETS, numbersOf } from '../../scripts/domain/rollout-presets.ts'
import { cleanUp, isRunning, runScript, startScript, tempDir } from './support.ts'

afterAll(cleanUp)

const PROGRAMS = [
  'lab.ts',
  'build.ts',
  'deploy.ts',
  'traffic.ts',
  'smoke.ts',
  'changelog.ts',
  'presets.ts',
  'rolling.ts',
  'release-tag.ts',
  'versions.ts',
  'due.ts',
  'incident-open.ts',
] as const

test.each(PROGRAMS)('%s --help explains itself on standard output and ends with 0', async (script) => {
  const ran = await runScript(script, '--help')
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(ran.stdout).toContain(`runbook ${script.replace('.ts', '')}`)
  expect(ran.stdout).toMatch(/Exit codes\n  0   done\n  1   failed\n  2   usage/)
})

test.each([
  [['lab.ts', '--laod', '5'], 'Unexpected flag `--laod`', 'Did you mean `--load`?'],
  [['lab.ts', 'statsu'], 'Unexpected command `statsu`', 'Did you mean `runbook lab status`?'],
  [['lab.ts', 'fault', 'latncy'], 'Unexpected value `latncy` for `<kind>`', 'Did you mean `latency`?'],
  [['build.ts', '--dry-rnu'], 'Unexpected flag `--dry-rnu`', 'Did you mean `--dry-run`?'],
  [
    ['deploy.ts', '--color', 'gren', '--artifact', 'x'],
    'Unexpected value `gren` for `--color`',
    'Did you mean `green`?',
  ],
  [['deploy.ts', '--color', 'green', '--color', 'blue'], '`--color` is given twice', 'Give `--color` once.'],
  [['traffic.ts', 'ste', '--green', '10'], 'Unexpected command `ste`', 'Did you mean `runbook traffic set`?'],
  [
    ['traffic.ts', 'set', '--green', '10', '--blue', '90'],
    'Weights are given twice',
    'Give exactly one of --weights, --green and --blue, such as --green 10.',
  ],
  [
    ['traffic.ts', 'set', '--green', '101'],
    'Unexpected value `101` for `--green`',
    'Expected an integer from 0 to 100.',
  ],
  [
    ['smoke.ts', '--url', 'localhost:1'],
    'Unexpected value `localhost:1` for `--url`',
    'an http or https address',
  ],
  [
    ['changelog.ts', 'check', '--version', 'v1.4.0'],
    'Unexpected value `v1.4.0`',
    'Expected a version such as 1.4.0, without a leading v.',
  ],
] as const)('%j is refused with exit 2 and a way on', async ([script, ...args], what, remedy) => {
  const ran = await runScript(script, ...args)
  expect(ran).toMatchObject({ code: 2, stdout: '' })
  expect(ran.stderr).toContain(`error: ${what}`)
  expect(ran.stderr).toContain(remedy)
  expect(ran.stderr).not.toContain('    at ')
})

test('a dry run creates no flag, ends no process and puts no copy back', async () => {
  const dir = await tempDir()
  const [file, copy] = [join(dir, 'orders.db'), join(dir, 'before.db')]
  const database = new DatabaseSync(file)
  database.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY)')
  database.close()
  copyFileSync(file, copy)
  const flag = ['--key', 'ui_new_total', '--owner', 'web', '--dir', join(dir, 'flags')]
  const dry = async (...args: [string, ...string[]]): Promise<void> => {
    const ran = await runScript(...args, '--dry-run')
    expect([ran.code, ran.stdout], ran.stderr).toEqual([0, expect.stringMatching(/^\$ would /)])
  }
  await dry('flags.ts', 'create', ...flag)
  expect(existsSync(join(dir, 'flags'))).toBe(false)
  await dry('database.ts', 'restore', '--file', file, '--from', copy)
  expect(existsSync(copy)).toBe(true)
  if (process.platform !== 'linux') return
  const holder = startScript('database.ts', ['hold', '--file', file])
  await holder.says(/holding/)
  await dry('database.ts', 'release', '--file', file, '--pid', String(holder.child.pid))
  expect(isRunning(holder.child.pid ?? 0)).toBe(true)
})

test('a file that is not there is named, and is not told as a fault of the program', async () => {
  const source = ['--source', 'http://127.0.0.1:1/metrics']
  const ran = await runScript('metrics-gate.ts', ...source, '--metrics', 'nowhere.yml')
  expect(ran).toMatchObject({ code: 1, stdout: '' })
  expect(ran.stderr).toContain('error: open nowhere.yml failed: ENOENT')
  expect(ran.stderr).not.toContain('bug')
})

test('links are read without asking anybody; a probe names the one that does not answer, and a broken file is refused', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/up' ? 200 : 404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const file = join(await tempDir(), 'links.yaml')
  const link = (name: string, url: string): string => `  - { name: ${name}, url: "${url}", services: [x] }\n`
  writeFileSync(file, `dashboards:\n${link('up', `${origin}/up`)}${link('down', `${origin}/down`)}`)
  expect((await runScript('links.ts', '--file', file)).code).toBe(0)
  const probed = await runScript('links.ts', '--file', file, '--probe')
  server.close().closeAllConnections()
  expect(probed.code).toBe(1)
  expect(probed.stderr).toContain('  hint: Correct the address')
  expect(probed.stdout).toMatch(/✓ up .*\n✕ down .*: it answered 404/)
  writeFileSync(file, `dashboards:\n${link('x', 'ftp://host/x')}`)
  const broken = await runScript('links.ts', '--file', file)
  expect(broken.code).toBe(1)
  expect(broken.stderr).toContain('Expected an address such as')
})

test.each([
  ['standrad', [], 'Did you mean `standard`?'],
  ['lab', ['max_erors=1%'], 'Did you mean `max_errors`?'],
  ['lab', ['max_errors=1'], 'Write it in that form: max_errors=1%.'],
  ['lab', ['ladder=10;50'], 'Write it in that form: ladder=10,50,100.'],
] as const)('the numbers of %s with %j are refused', (preset, changes, hint) => {
  const problem = expect.objectContaining({ hint }) as object
  expect(() => numbersOf(preset, changes)).toThrow(expect.objectContaining({ problem, exitCode: 2 }))
})

test('numbers may differ from the preset, several in one text', () => {
  const numbers = numbersOf('standard', ['max_errors=0.5%  hold=10m', ''])
  expect(numbers).toEqual({ ...PRESETS['standard']?.numbers, max_errors: '0.5%', hold: '10m' })
})
