import { readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const folder = process.argv[2] ?? ''

/** The processes that were started with the folder in their environment or arguments, or stand in it. */
function belonging(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const told = ['environ', 'cmdline'].some((file) =>
          readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(folder),
        )
        return told || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
      } catch {
        return false
      }
    })
    .map(Number)
}

for await (const _ of process.stdin);

// Killed processes may have started others in the meantime.
for (let look = 0; process.platform === 'linux' && look < 100; look++) {
  const left = belonging()
  if (left.length === 0) break
  for (const pid of left)
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  await sleep(20)
}
rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
