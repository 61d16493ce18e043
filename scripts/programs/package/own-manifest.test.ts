import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchFolder } from '../../../runner/scratch-folder.ts'

const module = join(import.meta.dirname, 'own-manifest.ts')

test.each([
  ['fails', ['--pack-destination', 'no-such-folder'], ''],
  ['is killed', [], 'kill -9 "$npm"'],
])('an npm pack that %s leaves our manifest in its place', async (_, args, after) => {
  using scratch = scratchFolder('manifest-test')
  const root = scratch.path
  const replace = join(root, 'replace.mjs')
  writeFileSync(
    replace,
    `import { replaceManifest } from ${JSON.stringify(module)}
     replaceManifest(${JSON.stringify(root)}, { name: 'shipped', version: '1.0.0' })`,
  )
  const prepack = `node replace.mjs && cp package.json seen.json; npm=$PPID; ${after}`
  const own = JSON.stringify({ name: 'ours', version: '1.0.0', scripts: { prepack } })
  writeFileSync(join(root, 'package.json'), own)
  const { status } = spawnSync('npm', ['pack', ...args], { cwd: root })
  expect(status).not.toBe(0)
  expect(JSON.parse(readFileSync(join(root, 'seen.json'), 'utf8'))).toMatchObject({ name: 'shipped' })
  await expect.poll(() => existsSync(join(root, 'dist/package.json')), { timeout: 10_000 }).toBe(false)
  expect(readFileSync(join(root, 'package.json'), 'utf8')).toBe(own)
})
