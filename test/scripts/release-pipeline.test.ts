import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareStorefront } from '../../scripts/lab/baseline.ts'
import { metadataSchema, releaseMetadata } from '../../scripts/programs/release/metadata.ts'
import { missingFor } from '../../scripts/programs/release/release-preflight.ts'
import { securityScan } from '../../scripts/programs/release/stages.ts'
import { tar } from '../../scripts/programs/release/tar.ts'
import { cleanUp, runScript, tempDir } from './support.ts'

let dir: string
let common: string[]

beforeAll(async () => {
  dir = await tempDir()
  await prepareStorefront(dir)
  common = ['--version', '1.4.0', '--repository', join(dir, 'storefront'), '--out', join(dir, 'dist')]
})

afterAll(cleanUp)

const listing = (): string =>
  execFileSync('bash', ['-c', 'find . -type f -print0 | sort -z | xargs -0 sha256sum'], {
    cwd: dir,
    encoding: 'utf8',
  })

test('a dry run prints metadata that fits its schema, and leaves every file as it was', async () => {
  const before = listing()
  const ran = await runScript('release-pipeline.ts', ...common, '--dry-run', '--json')
  expect(ran.code, ran.stderr).toBe(0)
  const { metadata, stages } = JSON.parse(ran.stdout) as { metadata: unknown; stages: { name: string }[] }
  expect(releaseMetadata.parse(metadata)).toMatchObject({ version: '1.4.0', dryRun: true })
  expect(stages.map(({ name }) => name)).toEqual([
    'version-check',
    'build-test',
    'build-images',
    'build-packages',
    'security-scan',
    'create-release',
    'publish-npm',
    'notify',
  ])
  expect(listing()).toBe(before)
})

test('the call needs a version alone: the product is the one it is started in', async () => {
  const program = fileURLToPath(new URL('../../scripts/release-pipeline.ts', import.meta.url))
  const ran = spawnSync(process.execPath, [program, '--version', '1.4.0', '--dry-run', '--skip-macos'], {
    cwd: join(dir, 'storefront'),
    encoding: 'utf8',
  })
  expect(ran.status, ran.stderr).toBe(0)
  expect(ran.stdout).toContain(
    `$ create-release  would write and sign ${join(dir, 'storefront/dist')}/release-1.4.0`,
  )
  expect(ran.stdout).not.toContain('checked by')
})

test('two dry runs differ in their time alone', async () => {
  const run = async (): Promise<object> => {
    const { metadata } = JSON.parse(
      (await runScript('release-pipeline.ts', ...common, '--dry-run', '--json')).stdout,
    )
    return { ...metadata, createdAt: '' }
  }
  expect(await run()).toEqual(await run())
})

test('without credentials a real run names every one of them, and does nothing', async () => {
  const ran = await runScript('release-pipeline.ts', ...common)
  expect(ran.code).toBe(1)
  for (const name of [
    'RELEASE_SIGNING_KEY',
    'APPLE_ID',
    'APPLE_ID_PASSWORD',
    'APPLE_TEAM_ID',
    'DEVELOPER_ID',
    'WINDOWS_PFX_PATH',
    'WINDOWS_PFX_PASSWORD',
  ])
    expect(ran.stderr).toMatch(new RegExp(`variable ${name}\\b`))
  expect(await readdir(dir)).toEqual(['storefront'])
})

test('what is not wanted is not asked for', () => {
  const path = { PATH: process.env['PATH'], RELEASE_SIGNING_KEY: 'key' }
  expect(missingFor({ macos: false, windows: false, signing: true }, path)).toEqual([])
  expect(
    missingFor({ macos: false, windows: false, signing: true }, { PATH: '' }).map(({ what }) => what),
  ).toEqual(['the program git', 'the program ssh-keygen', 'the environment variable RELEASE_SIGNING_KEY'])
})

test('a version that is not that of the commit is refused', async () => {
  const ran = await runScript('release-pipeline.ts', ...common, '--ref', 'v1.3.0', '--dry-run')
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('package.json says 1.3.0 there')])
})

test('a secret in a file is named by its file, and is not repeated', () => {
  const key = ['AKIA', 'Q7ZT4M2XK9WB5RCV'].join('')
  const product = {
    name: 'shop',
    isPrivate: true,
    version: '1.0.0',
    commit: 'a'.repeat(40),
    files: [{ name: 'public/app.js', content: Buffer.from(`const k = '${key}'`) }],
  }
  let message = ''
  try {
    securityScan(product)
  } catch (error) {
    message = String(error)
  }
  expect(message).toContain('public/app.js')
  expect(message).not.toContain(key)
})

test('the archive is one that tar reads, the same bytes for the same files', async () => {
  const files = [
    { name: 'a/one.txt', content: Buffer.from('one\n') },
    { name: 'a/big.bin', content: Buffer.alloc(1500, 7) },
    { name: `${'long/'.repeat(40)}name`, content: Buffer.from('x') },
  ]
  const archive = await tar(files, 1_700_000_000)
  expect(await tar(files, 1_700_000_000)).toEqual(archive)
  expect(execFileSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8' })).toBe(
    `a/one.txt\na/big.bin\n${'long/'.repeat(40)}name\n`,
  )
  expect(execFileSync('tar', ['-xOf', '-', 'a/big.bin'], { input: archive })).toEqual(Buffer.alloc(1500, 7))
})

test('the published schema is that of the program', () => {
  const file = fileURLToPath(new URL('../../schemas/release-metadata.schema.json', import.meta.url))
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(metadataSchema())
})
