import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { effectsOf, eventsOf, expectNoStepProcess, runIds, steps, survive, twelve } from './attack.ts'
import { smallDisk } from './small-disk.ts'
import { workspace } from '../workspace.ts'

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-mount-'))
  const disk = smallDisk(folder, 64)
  disk?.unmount()
  rmSync(folder, { recursive: true, force: true })
  return disk !== undefined
}

export const canFill = canMount()
if (!canFill)
  process.stderr.write(
    'SKIPPED: no file system can be mounted here (root is needed); full disks are not tested\n',
  )

/** The effects stand on another disk than the journal: only the journal's is full. */
export async function fullAt(kilobytes: number): Promise<{ stopped: boolean; asked: number }> {
  using space = workspace({ 'content/runbooks/twelve.mdx': twelve })
  const disk = smallDisk(join(space.root, '.runbook'), 2048)
  try {
    disk?.fill(kilobytes)
    const ran = await space.runbook(['exec', 'twelve', '--yes'])
    const whole = effectsOf(space.root).length === 12
    if (ran.code === 0) {
      expect(whole, 'no wrong success').toBe(true)
      expect(eventsOf(space.root).at(-1)).toMatchObject({ type: 'run-ended', data: { status: 'succeeded' } })
    }
    disk?.free()
    if (ran.code === 0) return { stopped: false, asked: 0 }
    expect(ran.code, ran.stderr).toBe(1)
    expect(ran.stderr).toMatch(/ENOSPC|no space|disk is full|disk I\/O/i)
    const begun = runIds(space.root).length
    const battle = await survive(space, 'twelve', [])
    expect(effectsOf(space.root), `at ${kilobytes} kB`).toEqual(steps)
    expect(runIds(space.root).length).toBe(Math.max(begun, 1))
    await expectNoStepProcess(space.root)
    return { stopped: true, asked: battle.asked }
  } finally {
    disk?.unmount()
  }
}
