import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { git } from '../../scripts/lib/git.ts'
import { type NpmRegistry, npmRegistry } from '../support/npm-registry.ts'
import { cleanUp, runScript, tempDir } from '../scripts/support.ts'
import type { Ran } from '../scripts/support.ts'

const call = fileURLToPath(new URL('../../scripts/release/publish-packages.sh', import.meta.url))
let registry: NpmRegistry
let repository: string
let home: string

/** A workspace of two public packages and a private one, committed. */
beforeAll(async () => {
  registry = await npmRegistry()
  repository = await tempDir()
  home = await tempDir()
  writeFileSync(join(home, '.npmrc'), `//${new URL(registry.url).host}/:_authToken=token\n`)
  write('package.json', { name: 'shop', private: true, workspaces: ['packages/*'] })
  write('packages/x/package.json', { name: '@shop/x', version: '1.4.0' })
  write('packages/y/package.json', { name: '@shop/y', version: '1.4.0-rc.1' })
  write('packages/own/package.json', { name: '@shop/own', version: '1.4.0', private: true })
  await git(repository, ['init', '-q'])
  await commit()
})

afterAll(async () => {
  registry.close()
  await cleanUp()
})

function write(file: string, content: object): void {
  mkdirSync(join(repository, file, '..'), { recursive: true })
  writeFileSync(join(repository, file), JSON.stringify(content))
}

async function commit(): Promise<void> {
  await git(repository, ['add', '.'])
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']
  await git(repository, [...who, 'commit', '-q', '-m', 'Change'])
}

async function publish(...args: string[]): Promise<Ran> {
  const own = { npm_config_userconfig: join(home, '.npmrc'), npm_config_cache: home }
  const env = { ...process.env, ...own, npm_config_registry: registry.url }
  const child = spawn(call, args, { cwd: repository, env })
  const ran: Ran = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()))
  ran.code = await new Promise((resolve) => child.once('close', resolve))
  return ran
}

test('packages are published once, a second call publishes what failed, and another content of a version is refused', async () => {
  const dry = await publish('--dry-run')
  expect([dry.code, dry.stdout], dry.stderr).toEqual([
    0,
    '$ @shop/x@1.4.0  would be published as latest\n$ @shop/y@1.4.0-rc.1  would be published as rc\n',
  ])
  expect(registry.published).toEqual([])
  registry.refused.add('@shop/y')
  const half = await publish()
  expect([half.code, half.stdout]).toEqual([
    1,
    expect.stringMatching(
      /^\+ @shop\/x@1\.4\.0 {2}published as latest\n✕ @shop\/y@1\.4\.0-rc\.1 {2}.*may not publish/,
    ),
  ])
  registry.refused.clear()
  const whole = await publish()
  expect([whole.code, whole.stdout]).toEqual([
    0,
    '= @shop/x@1.4.0  the registry has it\n+ @shop/y@1.4.0-rc.1  published as rc\n',
  ])
  expect(registry.published).toEqual(['@shop/x@1.4.0', '@shop/y@1.4.0-rc.1'])
  expect(registry.tags.get('@shop/y')).toEqual({ rc: '1.4.0-rc.1' })
  writeFileSync(join(repository, 'packages/x/index.js'), 'changed\n')
  expect((await publish()).stdout, 'a file that is not committed is not published').toContain(
    '= @shop/x@1.4.0',
  )
  await commit()
  const other = await publish()
  expect([other.code, other.stdout]).toEqual([1, expect.stringContaining('another archive of this version')])
  expect(registry.published).toHaveLength(2)
})

test('in the mode of pre-releases nothing is published until the call says so', async () => {
  write('.changeset/pre.json', { mode: 'pre', tag: 'rc', initialVersions: {}, changesets: ['old'] })
  write('packages/y/package.json', { name: '@shop/y', version: '1.4.0-rc.2' })
  await git(repository, ['checkout', '-q', 'HEAD~1', '--', 'packages/x'])
  writeFileSync(join(repository, '.changeset/old.md'), '---\n"@shop/y": minor\n---\n\nIt was in rc.1.\n')
  writeFileSync(join(repository, '.changeset/new.md'), '---\n"@shop/y": patch\n---\n\nCount the items.\n')
  await commit()
  const refused = await publish()
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('in the mode of pre-releases rc'),
  ])
  expect(registry.published).toHaveLength(2)
  const proposed = await runScript('versions.ts', 'propose', '--repository', repository)
  expect(proposed.stdout).toContain(
    'patch      @shop/y: 1.4.0-rc.2 → 1.4.0-rc.3\n           new.md: Count the items.\n',
  )
  expect(proposed.stdout).not.toContain('old.md')
  const sent = await publish('--pre', 'rc')
  expect(registry.published.slice(2), sent.stdout + sent.stderr).toEqual(['@shop/y@1.4.0-rc.2'])
  expect(registry.tags.get('@shop/y')).toEqual({ rc: '1.4.0-rc.2' })
})

test('packages of a pnpm workspace are found, and a range that only pnpm resolves is refused', async () => {
  repository = await tempDir()
  write('package.json', { name: 'shop', version: '0.0.0', private: true })
  writeFileSync(join(repository, 'pnpm-workspace.yaml'), 'packages:\n  - packages/*\n')
  const manifest = (range: string): object => ({
    name: '@shop/z',
    version: '2.0.0',
    dependencies: { '@shop/x': range },
  })
  write('packages/z/package.json', manifest('^1.4.0'))
  mkdirSync(join(repository, '.changeset'))
  writeFileSync(join(repository, '.changeset/change.md'), '---\n"@shop/z": minor\n---\n\nAdd a cart.\n')
  await git(repository, ['init', '-q'])
  await commit()
  const planned = await publish('--dry-run')
  expect([planned.code, planned.stdout], planned.stderr).toEqual([
    0,
    '$ @shop/z@2.0.0  would be published as latest\n',
  ])
  const proposed = await runScript('versions.ts', 'propose', '--repository', repository)
  expect(proposed.stdout, proposed.stderr).toContain('minor      @shop/z: 2.0.0 → 2.1.0')
  write('packages/z/package.json', manifest('workspace:^'))
  await commit()
  const local = await publish('--dry-run')
  expect([local.code, local.stderr]).toEqual([
    1,
    expect.stringContaining('@shop/z depends on @shop/x by `workspace:^`'),
  ])
})
