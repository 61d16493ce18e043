import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { smallDisk } from '../../support/attack/small-disk.ts'
import { workspace } from '../../support/workspace.ts'

/** A document whose result fills a few blocks of a disk. */
const document = `# A\n\n${'Some words about it. '.repeat(400)}\n\n\`\`\`sh\ntrue\n\`\`\`\n`

test('an import onto a full disk says which file was not written, and leaves each file whole or absent', async (context) => {
  const names = ['a.md', 'b.md', 'c.md', 'd.md', 'e.md']
  using space = workspace({
    'content/runbooks/x.md': '# X\n',
    ...Object.fromEntries(names.map((name) => [`docs/${name}`, document])),
  })
  const disk = smallDisk(join(space.root, 'disk'), 36)
  if (!disk) {
    context.skip()
    return
  }
  try {
    const { code, stdout, stderr } = await space.runbook(['import', 'docs', '--out', 'disk/out'])
    const results = readdirSync(join(space.root, 'disk/out'))
    expect(code).toBe(1)
    const failed = names[results.length]?.replace('.md', '')
    expect(stdout).toContain(`docs/${failed}.md → disk/out/${failed}.mdx: not written: ENOSPC`)
    expect(stderr).toContain('import again: a file that exists is not changed')
    expect(results).toEqual(names.slice(0, results.length).map((name) => `${name}x`))
    for (const name of results)
      expect(readFileSync(join(space.root, 'disk/out', name), 'utf8')).toContain('</Command>')
  } finally {
    disk.unmount()
  }
})

test('a new runbook on a full disk is absent, and can be written once there is room', async (context) => {
  using space = workspace({ 'content/runbooks/x.md': '# X\n' })
  const disk = smallDisk(join(space.root, 'content/runbooks/disk'), 64)
  if (!disk) {
    context.skip()
    return
  }
  try {
    disk.fill(0)
    const call = ['new', 'release', 'disk/release']
    const { code, stderr } = await space.runbook(call)
    expect([code, stderr]).toEqual([1, expect.stringContaining('disk/release.mdx failed: ENOSPC')])
    expect(existsSync(join(space.root, 'content/runbooks/disk/release.mdx'))).toBe(false)
    disk.free()
    expect((await space.runbook(call)).code).toBe(0)
  } finally {
    disk.unmount()
  }
})
