import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockedPackages } from './locked-packages.ts'

test('an installation brings what its packages need, each in the version that Node would load', () => {
  const root = mkdtempSync(join(tmpdir(), 'locked-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const packages = {
    '': { dependencies: { a: '^1.0.0', unrelated: '^1.0.0' } },
    'node_modules/a': {
      version: '1.0.0',
      dependencies: { b: '^2.0.0' },
      optionalDependencies: { win: '^1.0.0' },
    },
    'node_modules/a/node_modules/b': { version: '2.0.0', dependencies: { c: '^1.0.0' } },
    'node_modules/b': { version: '1.0.0' },
    'node_modules/c': { version: '1.1.0', peerDependencies: { absent: '*' } },
    'node_modules/unrelated': { version: '1.0.0' },
    'node_modules/win': { version: '1.0.0', optional: true, license: 'ISC', integrity: 'sha512-AAAA' },
  }
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }))
  for (const folder of ['a', 'a/node_modules/b', 'b', 'c', 'unrelated']) {
    const at = join(root, 'node_modules', folder)
    mkdirSync(at, { recursive: true })
    const { version } = packages[`node_modules/${folder}` as keyof typeof packages] as { version: string }
    const name = folder.replace(/.*\//, '')
    writeFileSync(join(at, 'package.json'), JSON.stringify({ name, version, license: 'MIT' }))
    writeFileSync(join(at, 'LICENSE'), `Copyright of ${name}`)
  }
  expect(lockedPackages(root, ['a']).map(({ name, version, texts }) => [name, version, ...texts])).toEqual([
    ['a', '1.0.0', 'Copyright of a'],
    ['b', '2.0.0', 'Copyright of b'],
    ['c', '1.1.0', 'Copyright of c'],
    ['win', '1.0.0'],
  ])
})
