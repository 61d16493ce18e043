import { setTimeout as pause } from 'node:timers/promises'
import { isReplaced, restoreManifest } from './own-manifest.ts'

/** Between two looks at npm, which is not our child, in milliseconds. */
const LOOK_MS = 100

const [, , root = '', npm = ''] = process.argv
while (isReplaced(root) && isRunning(Number(npm))) await pause(LOOK_MS)
restoreManifest(root)

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
