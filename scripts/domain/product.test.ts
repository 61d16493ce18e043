import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { scratchFolder } from '../../runner/scratch-folder.ts'
import { readProduct } from './product.ts'

const contents: Record<string, Buffer> = {
  'a b.css': Buffer.from(''),
  'big.bin': Buffer.alloc(300_000, '\n\0\u00FF'),
  'deep/line\nbreak.js': Buffer.from('last line without an end'),
  ...Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`${at}.js`, Buffer.from(`${at}\n`)])),
}

test('a product of many files is read as committed, with four processes in all', async () => {
  using scratch = scratchFolder('product-test')
  const { path: root } = scratch
  const git = (...args: string[]): Buffer => execFileSync('git', ['-C', root, ...args])
  git('init', '-q')
  mkdirSync(join(root, 'src/deep'), { recursive: true })
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'shop', version: '1.4.0' }))
  writeFileSync(join(root, 'src/index.html'), '<p>%VERSION%</p>')
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(root, 'src', name), content)
  git('add', '.')
  git('-c', 'user.name=T', '-c', 'user.email=t@example.com', 'commit', '-qm', 'Add a shop')
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  mkdirSync(join(root, 'bin'))
  writeFileSync(join(root, 'bin/git'), `#!/bin/sh\necho call >> "${root}/calls"\nexec "${real}" "$@"\n`)
  chmodSync(join(root, 'bin/git'), 0o755)
  vi.stubEnv('PATH', `${join(root, 'bin')}:${process.env['PATH']}`)

  const { files } = await readProduct(root, 'HEAD')
  const read = Object.fromEntries(files.map(({ name, content }) => [name, content]))
  expect(read['public/index.html']?.toString()).toBe('<p>1.4.0</p>')
  for (const [name, content] of Object.entries(contents))
    expect(read[`public/${name}`]?.equals(content), name).toBe(true)
  expect(files).toHaveLength(Object.keys(contents).length + 2)
  expect(readFileSync(join(root, 'calls'), 'utf8').trim().split('\n')).toHaveLength(4)
})
