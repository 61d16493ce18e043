import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startComponent } from '../../scripts/lab/servers/component.ts'
import { anotherPort } from '../../scripts/lab/servers/ports.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { accountOf, query, run } from '../../scripts/programs/postgres/cluster.ts'
import type { Connection } from '../../scripts/programs/postgres/cluster.ts'
import { start, stop } from '../../scripts/programs/postgres/restore.ts'
import { cleanUp, runScript, startScript, tempDir } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const account = accountOf('postgres')
const limitMs = 60_000
let dir: string
let original: string
let repository: string
let connection: Connection

/** A PostgreSQL with an archive of WAL and a table of orders. */
beforeAll(async () => {
  dir = await tempDir()
  // The account of the server reaches its folder through those above it.
  for (let folder = dir; folder !== tmpdir() && folder !== dirname(folder); folder = dirname(folder))
    chmodSync(folder, 0o711)
  original = join(dir, 'original')
  repository = join(dir, 'backups')
  for (const folder of [original, repository, join(repository, 'wal')]) {
    mkdirSync(folder)
    if (account !== undefined) chownSync(folder, account.uid, account.gid)
  }
  connection = {
    host: '127.0.0.1',
    port: await anotherPort(0, 0, []),
    user: 'postgres',
    database: 'postgres',
  }
  await run('initdb', ['-D', original, '-U', 'postgres', '-A', 'trust', '--no-sync'], { account })
  const settings = {
    port: connection.port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: original,
    archive_mode: 'on',
    archive_command: `cp %p ${repository}/wal/%f`,
    fsync: 'off',
  }
  writeFileSync(
    join(original, 'postgresql.auto.conf'),
    Object.entries(settings)
      .map(([name, value]) => `${name} = '${value}'\n`)
      .join(''),
  )
  await start(original, account, limitMs)
  await query(
    connection,
    'CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 1000)',
  )
})
afterAll(async () => {
  await stop(original, account)
  await cleanUp()
})

const state = (): Record<string, string> => ({ RUNBOOK_STATE: join(dir, 'state') })
const inputsOf = (inputs: Record<string, string | number>): string[] =>
  Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])

function answersOf(name: string, text: string): string {
  const file = join(dir, `${name}.answers.yaml`)
  writeFileSync(file, `actor: test@example.com\nanswers:\n${text}`)
  return file
}

/** One query through a proxy, which says which server it reaches. */
async function serverBehind(port: number): Promise<number> {
  const rows = await query({ ...connection, port }, "SELECT current_setting('port')")
  return Number(rows[0]?.[0])
}

test('a destroyed database is restored up to the last marker before a mistake, beside the original, and programs follow after a word', async () => {
  const marker = startScript('postgres.ts', ['mark', '--port', String(connection.port), '--every', '200ms'])
  await marker.says(/marking/)
  const taken = await runScript(
    'postgres.ts',
    'backup',
    '--repository',
    repository,
    '--port',
    String(connection.port),
  )
  expect(taken.code, taken.stderr).toBe(0)
  await query(connection, 'INSERT INTO orders SELECT generate_series(1001, 1500)')
  await waitFor(
    async () =>
      Number((await query(connection, 'SELECT count(*) FROM runbook_markers'))[0]?.[0]) > 3 || undefined,
    limitMs,
  )
  const [[before = ''] = []] = await query(
    connection,
    'SELECT to_char(clock_timestamp() AT TIME ZONE \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\')',
  )
  await query(connection, 'SELECT pg_sleep(0.3)')
  await query(connection, 'DELETE FROM orders')
  const [[wal = ''] = []] = await query(connection, 'SELECT pg_walfile_name(pg_switch_wal())')
  await waitFor(() => existsSync(join(repository, 'wal', wal)) || undefined, limitMs)
  const failedAt = new Date().toISOString()
  marker.child.kill('SIGTERM')
  await marker.ended
  // A proxy in front of the original, as programs reach it.
  const ports = [await anotherPort(0, 0, [connection.port])]
  ports.push(
    await anotherPort(0, 0, [...ports, connection.port]),
    await anotherPort(0, 0, [...ports, connection.port]),
  )
  const [front = 0, admin = 0, restored = 0] = ports
  writeFileSync(
    join(dir, 'haproxy.cfg'),
    `global\n  stats socket ipv4@127.0.0.1:${admin} level admin\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n` +
      `listen database\n  bind 127.0.0.1:${front}\n  server main 127.0.0.1:${connection.port}\n`,
  )
  const haproxy = startComponent('haproxy', ['-f', join(dir, 'haproxy.cfg')], dir, () => undefined)
  onTestFinished(() => haproxy.stop())
  await waitFor(() => serverBehind(front).catch(() => undefined), limitMs)
  const to = join(dir, 'restored')
  onTestFinished(async () => void (await runScript('postgres.ts', 'discard', '--to', to)))
  const given = inputsOf({
    repository,
    to,
    port: restored,
    original: connection.port,
    failed_at: failedAt,
    swap: `exec 3<>/dev/tcp/127.0.0.1/${admin}; echo "set server database/main addr 127.0.0.1 port $PORT" >&3; cat <&3`,
  })
  const looks = answersOf(
    'looks',
    `  choose:\n    fields: { backup: latest, until: "${before}" }\n  looked: done\n`,
  )
  const waiting = await runIn(
    root,
    ['exec', 'database-restore', ...given, '--yes', '--no-input', '--answers', looks],
    state(),
  )
  expect(waiting.code, waiting.stderr).toBe(5)
  expect(await serverBehind(front)).toBe(connection.port)
  expect(waiting.stderr).toMatch(/1500 {2}public\.orders/)
  expect(waiting.stderr).toMatch(/ok {3}RPO \d+\.\d s/)
  expect(waiting.stderr).toMatch(/ok {3}RTO \d+\.\d s/)
  expect(await query(connection, 'SELECT count(*) FROM orders')).toEqual([['0']])
  const swaps = answersOf('swaps', '  swap: { confirm: swap }\n  after: done\n')
  const ran = await runIn(root, ['resume', 'last', '--yes', '--answers', swaps], state())
  expect(ran.code, ran.stderr).toBe(0)
  expect(await serverBehind(front)).toBe(restored)
  expect(await query({ ...connection, port: front }, 'SELECT count(*) FROM orders')).toEqual([['1500']])
})

test('the backups are verified: a second region without the newest one, an old one and a changed byte are found', async () => {
  const verify = (...more: string[]): ReturnType<typeof runIn> =>
    runIn(
      root,
      ['exec', 'backup-verify', ...inputsOf({ repository }), ...more, '--yes', '--no-input'],
      state(),
    )
  expect(await verify()).toMatchObject({ code: 0 })
  const copy = join(dir, 'region-2')
  mkdirSync(copy)
  expect((await verify('-i', `copy=${copy}`)).stderr).toContain('does not have the newest base backup')
  cpSync(repository, copy, { recursive: true })
  expect(await verify('-i', `copy=${copy}`)).toMatchObject({ code: 0 })
  const later = new Date(Date.now() + 6 * 3_600_000 + 60_000).toISOString()
  const old = await runScript(
    'postgres.ts',
    'backups',
    '--repository',
    repository,
    '--now',
    later,
    '--max-wal-age',
    '1d',
  )
  expect(old).toMatchObject({ code: 1, stdout: expect.stringMatching(/FAIL the newest base backup/) })
  const [name = ''] = readdirSync(join(copy, 'base'))
  writeFileSync(join(copy, 'base', name, 'PG_VERSION'), '14\n')
  const damaged = await runScript('postgres.ts', 'verify', '--repository', copy)
  expect(damaged).toMatchObject({ code: 1, stderr: expect.stringContaining('PG_VERSION') })
})

test('a restore refuses a folder that is not empty, a port in use and a backup that does not exist', async () => {
  const restore = (to: string, port: number, ...more: string[]): ReturnType<typeof runScript> =>
    runScript(
      'postgres.ts',
      'restore',
      '--repository',
      repository,
      '--to',
      to,
      '--port',
      String(port),
      ...more,
    )
  const free = await anotherPort(0, 0, [])
  expect(await restore(original, free)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not empty'),
  })
  const fresh = join(dir, 'fresh')
  expect((await restore(fresh, connection.port)).stderr).toContain('cannot be used')
  expect(await restore(fresh, free, '--backup', '20200101T000000Z')).toMatchObject({ code: 2 })
  expect(existsSync(fresh)).toBe(false)
  expect((await runScript('postgres.ts', 'discard', '--to', original)).code).toBe(2)
})

/** A Redis of a test, with a command to ask it. */
async function startRedis(
  name: string,
): Promise<{ port: number; folder: string; cli(...args: string[]): string }> {
  const port = await anotherPort(0, 0, [])
  const folder = join(dir, name)
  mkdirSync(folder)
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
  const redis = startComponent(
    'redis-server',
    [...place, '--save', '900 1', '--appendonly', 'yes'],
    folder,
    () => undefined,
  )
  onTestFinished(() => redis.stop())
  const cli = (...args: string[]): string =>
    execFileSync('redis-cli', ['-p', String(port), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
      .toString()
      .trim()
  await waitFor(() => {
    try {
      return cli('ping') === 'PONG' || undefined
    } catch {
      return undefined
    }
  }, limitMs)
  return { port, folder, cli }
}

test('a snapshot of Redis is restored beside the original, and a damaged one is refused', async () => {
  const { cli, folder, port: first } = await startRedis('redis')
  for (let key = 0; key < 20; key++) cli('set', `session:${key}`, 'open')
  cli('save')
  // Redis writes an empty snapshot after it was emptied: the one to restore is kept elsewhere.
  const snapshot = join(dir, 'kept.rdb')
  cpSync(join(folder, 'dump.rdb'), snapshot)
  cli('flushall')
  const [port, to] = [await anotherPort(0, 0, [first]), join(dir, 'redis-restored')]
  onTestFinished(
    async () => void (await runScript('redis.ts', 'discard', '--to', to, '--port', String(port))),
  )
  writeFileSync(join(dir, 'damaged.rdb'), readFileSync(snapshot).subarray(0, 40))
  const swapped = join(dir, 'swapped')
  const given = (from: string): string[] =>
    inputsOf({ snapshot: from, to, port, original: first, swap: `echo $PORT > ${swapped}` })
  const answers = answersOf('redis', '  looked: done\n  swap: { confirm: swap }\n')
  const restore = (from: string): ReturnType<typeof runIn> =>
    runIn(root, ['exec', 'redis-restore', ...given(from), '--yes', '--answers', answers], state())
  expect((await restore(join(dir, 'damaged.rdb'))).stderr).toContain('is damaged')
  rmSync(to, { recursive: true, force: true })
  const ran = await restore(snapshot)
  expect(ran.code, ran.stderr).toBe(0)
  expect(readFileSync(swapped, 'utf8').trim()).toBe(String(port))
  expect(
    execFileSync('redis-cli', ['-p', String(port), 'dbsize'])
      .toString()
      .trim(),
  ).toBe('20')
  expect(cli('dbsize')).toBe('0')
})

test('sessions drain, the wrong database is left alone, and the right one is emptied behind its typed name', async () => {
  const { cli, port } = await startRedis('sessions')
  const front = await anotherPort(0, 0, [port])
  const socket = join(dir, 'sessions.sock')
  writeFileSync(
    join(dir, 'sessions.cfg'),
    `global\n  stats socket ${socket} mode 600 level admin\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n` +
      `frontend users\n  bind 127.0.0.1:${front}\n  default_backend app\nbackend app\n  server one 127.0.0.1:${port}\n`,
  )
  const haproxy = startComponent('haproxy', ['-f', join(dir, 'sessions.cfg')], dir, () => undefined)
  onTestFinished(() => haproxy.stop())
  const count = (): ReturnType<typeof runScript> => runScript('sessions.ts', 'count', '--socket', socket)
  await waitFor(() => existsSync(socket) || undefined, limitMs)
  const open = createConnection(front, '127.0.0.1')
  onTestFinished(() => void open.destroy())
  await waitFor(async () => (await count()).stdout.includes('     1  app/one') || undefined, limitMs)
  cli('-n', '3', 'set', 'session:1', 'open')
  cli('-n', '4', 'set', 'session:1', 'open')
  cli('-n', '4', 'set', 'orders:1', 'paid')
  const drain = (number: number): ReturnType<typeof runIn> => {
    const place = `127.0.0.1:${port}/${number}`
    const answers = answersOf(`drain-${number}`, `  flush: { confirm: "${place}" }\n  work: done\n`)
    const given = inputsOf({
      socket,
      backend: 'app',
      patience: '1s',
      store: `redis://${place}`,
      place,
      force: 'true',
    })
    return runIn(root, ['exec', 'session-drain', ...given, '--yes', '--answers', answers], state())
  }
  const wrong = await drain(4)
  expect(wrong.code).toBe(1)
  expect(wrong.stderr).toContain('its key `orders:1` does not match session:*')
  expect(cli('-n', '4', 'dbsize')).toBe('2')
  expect((await runScript('sessions.ts', 'ready', '--socket', socket)).code).toBe(0)
  const right = await drain(3)
  expect(right.code, right.stderr).toBe(0)
  expect([cli('-n', '3', 'dbsize'), cli('-n', '4', 'dbsize')]).toEqual(['0', '2'])
  expect((await count()).stdout).not.toContain('takes new ones')
  const unconfirmed = await runScript(
    'redis.ts',
    'flush',
    '--url',
    `redis://127.0.0.1:${port}/4`,
    '--only',
    '*',
  )
  expect(unconfirmed).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`--yes-destroy 127.0.0.1:${port}/4`),
  })
  expect(cli('-n', '4', 'dbsize')).toBe('2')
})
