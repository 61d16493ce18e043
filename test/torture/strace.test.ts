import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runIds } from '../support/attack/attack.ts'
import { strace, strikeCall, traced } from '../support/attack/survive-traced.ts'
import { each, say, upTo } from '../support/attack/two-at-a-time.ts'
import { commandStep, page, workspace } from '../support/workspace.ts'

describe.skipIf(!strace)('under strace', { timeout: 3_600_000 }, () => {
  // Counted in each process by itself: the n-th call of the runner, and the n-th of its shim.
  test.each([
    ['fdatasync', 22],
    ['fsync', 18],
    ['rename', 16],
    ['clone', 14],
  ])('SIGKILL at every %s', async (call, count) => {
    const battle = await each(upTo(count), (n) => strikeCall(`${call}:signal=KILL:when=${n}`))
    say(call, battle)
  })

  test.each([
    ['fdatasync', 22],
    ['fsync', 18],
  ])('EIO at every %s: never a wrong success, and resumable', async (call, count) => {
    const battle = await each(upTo(count), (n) => strikeCall(`${call}:error=EIO:when=${n}`))
    say(`${call} EIO`, battle)
  })

  test('SIGKILL at every file that gc removes: an audit finds nothing, and the next gc ends it', async () => {
    const later = 'const now = Date.now; Date.now = () => now() + 91 * 86400000'
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(later)}` }
    let kills = 0
    for (let file = 1; ; file++) {
      using space = workspace({ 'content/runbooks/r.mdx': page(commandStep('a', 'echo a')) })
      expect((await space.runbook(['exec', 'r', '--yes'])).code).toBe(0)
      const flags = ['-E', `NODE_OPTIONS=${env.NODE_OPTIONS}`, '-o', '/dev/null']
      const inject = ['-e', 'trace=unlinkat', '-e', `inject=unlinkat:signal=KILL:when=${file}`]
      const { signal, code } = await traced(space.root, [...flags, ...inject], ['gc'])
      const audited = await space.runbook(['audit'])
      expect(audited.code, `file ${file}: ${audited.stdout}${audited.stderr}`).toBe(0)
      const ended = await space.runbook(['gc'], env)
      expect(ended.code, ended.stderr).toBe(0)
      expect(runIds(space.root)).toEqual([])
      expect(existsSync(join(space.root, '.runbook/removing'))).toBe(false)
      if (signal !== 'SIGKILL' && code !== 137) break
      kills += 1
    }
    process.stdout.write(`gc: ${kills} kills\n`)
    expect(kills).toBeGreaterThan(3)
  })
})
