import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Component, startComponent } from '../../scripts/lab/servers/component.ts'
import { anotherPort } from '../../scripts/lab/servers/ports.ts'
import { readBackend } from '../../scripts/adapters/haproxy.ts'
import {
  cleanUp,
  get,
  isRunning,
  runScript,
  startScript,
  survivors,
  tempDir,
  untilUp,
} from '../scripts/support.ts'
import { fresh, keptOpen } from './support/load.ts'

const INSTANCE = fileURLToPath(new URL('support/instance.ts', import.meta.url))
const NAMES = ['one', 'two', 'three']
let dir: string
let socket: string
let url: string
let haproxy: Component

const pidOf = (name: string): number => Number(readFileSync(join(dir, `${name}.pid`), 'utf8'))

beforeAll(async () => {
  dir = await tempDir()
  socket = join(dir, 'admin.sock')
  const ports: number[] = []
  for (let count = 0; count <= NAMES.length; count++) ports.push(await anotherPort(0, 0, ports))
  const [front = 0, ...backs] = ports
  url = `http://127.0.0.1:${front}`
  for (const [index, name] of NAMES.entries())
    spawn(process.execPath, [INSTANCE, String(backs[index]), '1', join(dir, `${name}.pid`)], {
      stdio: 'ignore',
    })
  // A check that is late on a busy machine takes no server out: the test is about those that are taken out on purpose.
  const patient = 'check inter 200ms fall 30'
  const servers = NAMES.map((name, index) => `  server ${name} 127.0.0.1:${backs[index]} ${patient}`)
  const config = join(dir, 'haproxy.cfg')
  writeFileSync(
    config,
    `global\n  stats socket ${socket} mode 600 level admin\n  hard-stop-after 5s\ndefaults\n  mode http\n  timeout connect 2s\n  timeout client 65s\n  timeout server 30s\n  timeout check 5s\n  retries 0\nfrontend all\n  bind 127.0.0.1:${front}\n  default_backend app\nbackend app\n  option httpchk GET /readyz\n${servers.join('\n')}\n`,
  )
  haproxy = startComponent('haproxy', ['-W', '-f', config], dir, () => undefined)
  await untilUp(haproxy, allServe)
})

afterAll(async () => {
  await haproxy.stop()
  const pids = NAMES.filter((name) => existsSync(join(dir, `${name}.pid`))).map(pidOf)
  for (const pid of pids) if (isRunning(pid)) process.kill(pid)
  expect(await survivors(pids)).toEqual([])
  await cleanUp()
})

const serving = async (): Promise<boolean[]> =>
  [...(await readBackend(socket, 'app')).values()].map((server) => server.serving)
const allServe = async (): Promise<boolean> =>
  (await serving()).every(Boolean) && (await get(url)).status === 200
/** Replaces one instance with the next version: the old process ends before the new one takes its port. */
const replacing = (version: string): string =>
  `kill "$(cat "${dir}/$SERVER.pid")"; while kill -0 "$(cat "${dir}/$SERVER.pid")" 2>/dev/null; do sleep 0.02; done; ` +
  `"${process.execPath}" "${INSTANCE}" "\${ADDRESS##*:}" ${version} "${dir}/$SERVER.pid" >/dev/null 2>&1 &`

const flags = (command: string): string[] => ['--socket', socket, '--backend', 'app', '--command', command]

/** How many servers were out at the worst moment, until told to stop. */
function watchOut(): { stop(): Promise<number> } {
  const seen = { running: true, worst: 0 }
  const watching = (async () => {
    while (seen.running) {
      seen.worst = Math.max(seen.worst, (await serving()).filter((one) => !one).length)
    }
    return seen.worst
  })()
  return {
    stop: () => {
      seen.running = false
      return watching
    },
  }
}

test('a dry run of a rolling update names every server and touches none', async () => {
  const ran = await runScript('rolling.ts', ...flags('false'), '--dry-run')
  expect([ran.code, ran.stdout.match(/would drain app\//g)]).toEqual([0, Array(3).fill('would drain app/')])
  expect(await serving()).toEqual([true, true, true])
})

test('three servers are replaced under load: no request fails, and never is more than one out', async () => {
  const before = NAMES.map(pidOf)
  const load = { wrk: keptOpen(url), hey: fresh(url) }
  const out = watchOut()
  const ran = await runScript('rolling.ts', ...flags(replacing('2')))
  const worst = await out.stop()
  const counted = [await load.wrk.stop(), await load.hey.stop()]
  expect(ran.code, ran.stderr).toBe(0)
  expect(worst).toBe(1)
  for (const { requests, failed, report } of counted) {
    expect(failed, report).toBe(0)
    expect(requests, report).toBeGreaterThan(0)
  }
  expect(NAMES.map(pidOf).filter((pid) => before.includes(pid))).toEqual([])
  for (let call = 0; call < 6; call++) expect((await get(url)).headers['x-version']).toBe('2')
})

test('a server that does not come back stays out, the others are left alone, and nothing is begun while it is out', async () => {
  const ran = await runScript('rolling.ts', ...flags('exit 7'))
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('The command for app/one ended with 7')])
  expect(await serving()).toEqual([false, true, true])
  const again = await startScript('rolling.ts', flags('true')).ended
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('out already: one')])
  expect((await get(url)).status).toBe(200)
})
