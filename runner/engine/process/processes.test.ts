import { execFile, spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { isAlive, startOf } from './processes.ts'

const isRoot = process.getuid?.() === 0 && process.platform === 'linux'

// As under a unit with PrivateUsers and ProtectProc: each start of it has a user namespace of its own.
test.runIf(isRoot)('a process that /proc hides is alive until it ends', async () => {
  const alone = ['--reuid=65534', '--regid=65534', '--clear-groups', 'unshare', '--user']
  const step = spawn('setpriv', [...alone, 'sleep', '1000'])
  onTestFinished(() => void step.kill('SIGKILL'))
  const identity = { pid: step.pid ?? 0, start: 'not read' }
  const own = readlinkSync('/proc/self/ns/user')
  await expect.poll(() => readlinkSync(`/proc/${identity.pid}/ns/user`)).not.toBe(own)
  const program = `
    import { isAlive, startOf } from ${JSON.stringify(join(import.meta.dirname, 'processes.ts'))}
    const identity = ${JSON.stringify(identity)}
    const before = [startOf(identity.pid), isAlive(identity)]
    process.kill(identity.pid, 'SIGKILL')
    while (isAlive(identity)) await new Promise((later) => setTimeout(later, 10))
    process.stdout.write(JSON.stringify(before))`
  const script = `mount -t proc -o hidepid=invisible proc /proc && exec setpriv ${alone.join(' ')} "$@"`
  const { stdout } = await promisify(execFile)('unshare', [
    '--mount',
    'bash',
    '-c',
    script,
    '-',
    process.execPath,
    '--input-type=module',
    '--eval',
    program,
  ])
  expect(stdout).toBe('[null,true]')
})

test('a later process of the same number is another one', () => {
  const start = startOf(process.pid)
  expect(start).toBeDefined()
  expect(isAlive({ pid: process.pid, start: start ?? '' })).toBe(true)
  expect(isAlive({ pid: process.pid, start: `${start}0` })).toBe(false)
})
