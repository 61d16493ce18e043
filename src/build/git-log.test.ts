import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { changesBelow } from './git-log.ts'

const root = mkdtempSync(join(tmpdir(), 'changes-'))
afterAll(() => rmSync(root, { recursive: true }))

function commit(subject: string, ...names: string[]): void {
  for (const name of names) writeFileSync(join(root, 'content', name), subject)
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false']
  execFileSync('git', ['add', '.'], { cwd: root })
  execFileSync('git', [...who, 'commit', '-qm', subject], { cwd: root })
}

test('each file has the commits that touched it, newest first, and without git there are none', () => {
  mkdirSync(join(root, 'content'))
  expect(changesBelow(join(root, 'content'), join(root, 'content')).size).toBe(0)
  execFileSync('git', ['init', '-q'], { cwd: root })
  commit('First', 'a.mdx', 'größe.mdx')
  commit('Second: <b>', 'a.mdx')
  const changes = changesBelow(join(root, 'content'), root)
  expect(changes.get('content/a.mdx')?.map(({ subject }) => subject)).toEqual(['Second: <b>', 'First'])
  expect(changes.get('content/größe.mdx')).toEqual([
    {
      hash: expect.stringMatching(/^[0-9a-f]{7,}$/),
      at: expect.stringMatching(/^20\d\d-/),
      subject: 'First',
    },
  ])
})
