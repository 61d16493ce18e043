import { spawnSync } from 'node:child_process'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareStorefront } from '../../scripts/lab/baseline.ts'
import { bumpOf } from '../../scripts/domain/bump.ts'
import { parseTag } from '../../scripts/domain/tag.ts'
import { cleanUp, runScript, tempDir } from './support.ts'

let repository: string

beforeAll(async () => {
  const dir = await tempDir()
  await prepareStorefront(dir)
  repository = join(dir, 'storefront')
})

afterAll(cleanUp)

const git = (...args: string[]): void => {
  expect(spawnSync('git', ['-C', repository, ...args]).status).toBe(0)
}

test.each([
  ['v1.4.0', '1.4.0', undefined],
  ['v1.4.0-frontend', '1.4.0', 'frontend'],
  ['v3.0.1-automation-service', '3.0.1', 'automation-service'],
  ['v1.1.0-walking-skeleton', '1.1.0', 'walking-skeleton'],
  ['v1.4.0-rc.1', '1.4.0-rc.1', undefined],
  ['v1.4.0-beta.2-ai-pipeline', '1.4.0-beta.2', 'ai-pipeline'],
  ['v0.0.0', '0.0.0', undefined],
])('the tag %s is version %s of %s', (tag, version, component) =>
  expect(parseTag(tag)).toEqual({ tag, version, component }),
)

test.each([
  '1.4.0',
  'v1.4',
  'v1.4.0.1',
  'v01.4.0',
  'v1.4.0-',
  'v1.4.0-Frontend',
  'v1.4.0-a--b',
  'v1.4.0-rc1.2',
  'release-1.4.0',
  'v1.4.0 ',
  'v1.4.0+1',
  '',
])('"%s" is not a release tag', (tag) => expect(() => parseTag(tag)).toThrow('is not a release tag'))

test.each([
  ['3.0.0', '3.0.1', 'patch'],
  ['1.0.0-newidea', '1.1.0', 'minor'],
  ['1.0.0', '1.1.0', 'minor'],
  ['1.9.9', '2.0.0', 'major'],
  ['1.0.0-rc.1', '1.0.0', 'patch'],
  ['1.0.0-rc.1', '1.0.0-rc.2', 'prerelease'],
  ['1.0.0', '1.0.0', 'none'],
  ['1.1.0', '1.0.9', 'back'],
  ['1.0.0', '1.0.0-rc.1', 'back'],
  ['1.0', '1.1', undefined],
])('from %s to %s is %s', (from, to, bump) => expect(bumpOf(from, to)).toBe(bump))

const validate = (tag: string, ...more: string[]) =>
  runScript('release-tag.ts', '--tag', tag, '--repository', repository, ...more)

test('a sound tag prints its version and commit', async () => {
  const ran = await validate('v1.3.0')
  expect([ran.code, ran.stdout]).toEqual([
    0,
    expect.stringMatching(/^version=1\.3\.0\ncomponent=all\ncommit=[0-9a-f]{40}\n$/),
  ])
})

test('a tag that is lightweight, of another version, of an unknown component or not there is refused', async () => {
  git('tag', 'v1.4.0')
  expect((await validate('v1.4.0')).stderr).toContain('v1.4.0 is a lightweight tag')
  git('tag', '-a', 'v1.5.0', '-m', 'too early')
  expect((await validate('v1.5.0')).stderr).toContain('package.json says 1.4.0 there')
  const unknown = await validate('v1.4.0-frontnd', '--components', 'frontend,api')
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('Did you mean `frontend`?')])
  expect((await validate('v9.9.9')).code).toBe(1)
})

test('a tag whose version the changelog does not know is refused', async () => {
  const file = join(repository, 'package.json')
  await writeFile(file, (await readFile(file, 'utf8')).replace('1.4.0', '1.6.0'))
  git('commit', '--quiet', '--all', '--message', 'Raise the version')
  git('tag', '-a', 'v1.6.0', '-m', 'Release 1.6.0')
  const ran = await validate('v1.6.0')
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('The changelog has no entry for 1.6.0')])
})

test('versions are written into files of each form, read back, and never lowered', async () => {
  await writeFile(join(repository, 'pipeline.py'), '"""Pipeline."""\n__version__ = "1.0.0-newidea"\n')
  await writeFile(join(repository, 'pyproject.toml'), '[project]\nname = "x"\nversion = "3.0.0"\n')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'More parts')
  const files = ['--repository', repository, '--file', 'pipeline.py', '--file', 'pyproject.toml']
  const planned = await runScript('versions.ts', 'set', '--version', '3.1.0', ...files, '--dry-run')
  expect(planned.stdout).toBe('! pipeline.py: 1.0.0-newidea → 3.1.0\n! pyproject.toml: 3.0.0 → 3.1.0\n')
  await chmod(join(repository, 'pipeline.py'), 0o755)
  expect((await runScript('versions.ts', 'set', '--version', '3.1.0', ...files)).code).toBe(0)
  expect((await stat(join(repository, 'pipeline.py'))).mode & 0o777).toBe(0o755)
  const shown = await runScript('versions.ts', '--since', 'HEAD', ...files)
  expect(shown.stdout).toBe(
    'major      pipeline.py: 1.0.0-newidea → 3.1.0\nminor      pyproject.toml: 3.0.0 → 3.1.0\n',
  )
  expect((await runScript('versions.ts', 'set', '--version', '3.1.0', ...files)).stdout).toContain(
    '= pipeline.py',
  )
  const more = ['--file', 'VERSION', ...files]
  await writeFile(join(repository, 'VERSION'), '1.0.0\n')
  const lowered = await runScript('versions.ts', 'set', '--version', '3.0.9', ...more)
  expect([lowered.code, lowered.stderr]).toEqual([1, expect.stringContaining('3.0.9 would go back')])
  expect(await readFile(join(repository, 'VERSION'), 'utf8')).toBe('1.0.0\n')
})

test('the version that is changed is the one of the file, or the one whose path is given, wherever others stand', async () => {
  const dir = await tempDir()
  const json =
    '{\n  "dependencies": { "left": { "version": "9.0.0" } },\n  "version": "1.0.0",\n  "app": { "version": "1.0.0" }\n}\n'
  const toml = '[dependencies.serde]\nversion = "9.0"\n\n[package]\nname = "x"\nversion = "1.0.0" # ours\n'
  await writeFile(join(dir, 'app.json'), json)
  await writeFile(join(dir, 'Cargo.toml'), toml)
  const set = (...files: string[]) =>
    runScript(
      'versions.ts',
      'set',
      '--version',
      '1.1.0',
      '--repository',
      dir,
      ...files.flatMap((file) => ['--file', file]),
    )
  expect((await set('app.json', 'Cargo.toml')).code).toBe(0)
  const changed = json.replace('"version": "1.0.0",\n', '"version": "1.1.0",\n')
  expect(await readFile(join(dir, 'app.json'), 'utf8')).toBe(changed)
  expect(await readFile(join(dir, 'Cargo.toml'), 'utf8')).toBe(toml.replace('1.0.0', '1.1.0'))
  expect((await set('app.json#/app/version')).code).toBe(0)
  expect(await readFile(join(dir, 'app.json'), 'utf8')).toBe(
    changed.replace('"version": "1.0.0" }', '"version": "1.1.0" }'),
  )
  const absent = await set('app.json#/nowhere/version')
  expect([absent.code, absent.stderr]).toEqual([
    1,
    expect.stringContaining('has no version where one is expected'),
  ])
})
