import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file system of a few kilobytes below a folder; undefined where one may not be mounted. */
export function smallDisk(
  folder: string,
  kilobytes: number,
): { fill(left: number): void; free(): void; unmount(): void } | undefined {
  mkdirSync(folder, { recursive: true })
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder], {
    stdio: 'ignore',
  })
  if (mounted.status !== 0) return undefined
  const filler = join(folder, 'filler')
  return {
    /** Takes all room but this many kilobytes. */
    fill(left) {
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - left * 1024)))
    },
    free: () => rmSync(filler, { force: true }),
    unmount: () => void spawnSync('umount', ['-l', folder], { stdio: 'ignore' }),
  }
}
