import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pagesPackage } from '../../../runner/kit/optional-package.ts'
import { binary, page, testedFolder, workspace } from '../../support/workspace.ts'

const site = join(testedFolder, 'node_modules', pagesPackage, 'site')

test('pages of a package that cannot be written to are refused with where and what to do', (context) => {
  using space = workspace({ 'content/runbooks/x.mdx': page('Text') })
  // In a namespace of its own: others use the package meanwhile.
  const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && exec "$2" "$3" site build'
  const call = ['--mount', 'sh', '-euc', script, 'sh', site, process.execPath, binary]
  const { status, stdout, stderr } = spawnSync('unshare', call, { cwd: space.root, encoding: 'utf8' })
  if (/unshare|mount/.test(stderr)) context.skip()
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toContain(`error: The pages are made in ${site}, which this account cannot write to\n`)
  expect(stderr).toContain(`hint: Install them in the project: \`npm install runbook@`)
})
