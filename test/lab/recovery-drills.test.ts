import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { listRuns, readRun } from '../../runner/journal/record/run-store.ts'
import { anotherPort } from '../../scripts/lab/servers/ports.ts'
import { cleanUp, runScript, tempDir } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'

vi.setConfig({ testTimeout: 240_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))
let dir: string
let port: number

beforeAll(async () => {
  dir = await tempDir()
  // The account of PostgreSQL reaches its folder through those above it.
  for (let folder = dir; folder !== tmpdir() && folder !== dirname(folder); folder = dirname(folder))
    chmodSync(folder, 0o711)
  port = await anotherPort(0, 0, [])
})
afterAll(cleanUp)

const at = (...parts: string[]): string => join(dir, ...parts)

/** The inputs that move each drill from the folder and the ports of a person to those of the test. */
const places: Record<string, () => Record<string, string>> = {
  'backup-verify': () => ({ repository: at('backups/backups') }),
  'database-restore': () => ({
    repository: at('database/backups'),
    to: at('database/restored'),
    port: String(port),
    swap: `echo "$PORT" > ${at('led')}`,
  }),
  'redis-restore': () => ({
    snapshot: at('redis/kept.rdb'),
    to: at('redis/restored'),
    port: String(port),
    swap: `echo "$PORT" > ${at('led')}`,
  }),
  'session-drain': () => ({
    socket: at('sessions/haproxy.sock'),
    store: `redis://127.0.0.1:${port}/3`,
    place: `127.0.0.1:${port}/3`,
  }),
  'certificate-renewal': () => ({
    at: `127.0.0.1:${port}`,
    ca: at('certificate/ca.pem'),
    renewed: at('certificate/new.pem'),
    renewed_key: at('certificate/new.key'),
    installed: at('certificate/live.pem'),
    installed_key: at('certificate/live.key'),
  }),
  'secret-rotation': () => ({ file: at('secret/secrets.yaml') }),
}

test.each(Object.keys(places))(
  'a drill of %s makes its own system, ends well, is practice, and leaves nothing behind',
  async (slug) => {
    const inputs = places[slug]?.() ?? {}
    const answers = at('answers.yaml')
    const done = ['looked', 'after', 'order', 'make', 'use', 'revoke', 'work'].map((id) => `  ${id}: done\n`)
    writeFileSync(
      answers,
      `actor: ada@example.com\nanswers:\n${done.join('')}  choose: { fields: { backup: latest } }\n  swap: { confirm: swap }\n  flush: { confirm: "127.0.0.1:${port}/3" }\n`,
    )
    const given = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])
    const env = { RUNBOOK_STATE: at('state'), RUNBOOK_ACTOR: 'ada@example.com' }
    const how = ['--yes', '--no-input', '--answers', answers]
    const ran = await runIn(root, ['drill', slug, ...given, ...how], env)
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('Drill: succeeded, as expected.')])
    const [run = ''] = listRuns(at('state'))
    expect(readRun(at('state'), run).state).toMatchObject({ slug, practice: true, status: 'succeeded' })
    if (slug === 'database-restore')
      expect(ran.stderr).toMatch(/1500 {2}public\.orders[^]*ok {3}RPO [^]*ok {3}RTO /)
    const [first = ''] = Object.values(inputs).filter((value) => value.startsWith(dir))
    expect(existsSync(dirname(first)), 'the system is gone').toBe(false)
  },
)

test('a folder that no practice made is neither used nor removed', async () => {
  writeFileSync(at('mine'), 'mine')
  for (const command of ['start', 'stop'])
    expect(await runScript('practice.ts', command, 'secret', '--dir', dir)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not one of a practice'),
    })
  expect(existsSync(at('mine'))).toBe(true)
})
