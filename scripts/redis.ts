import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { defineCommand, defineProgram, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { duration, filePath, integer, string } from '../runner/kit/types.ts'
import { clientOf, redisUrl } from './adapters/redis.ts'
import { anotherPort } from './lab/servers/ports.ts'
import { waitFor } from './lib/wait.ts'
import { infoOf, judgePersistence } from './programs/redis/persistence.ts'
import { makeFolder } from '../runner/make-folder.ts'

const URL = { url: required(string('url'), 'The server and its database, such as redis://127.0.0.1:6379/3.') }

type Client = Awaited<ReturnType<typeof clientOf>>

/** Works with one connection. @throws {CliError} when the server does not answer */
async function connected<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = (await clientOf(address)).on('error', () => {})
  try {
    await client.connect()
    return await work(client)
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(
      exit.failed,
      `Redis failed: ${(error as Error).message}`,
      'Check its address and password.',
    )
  } finally {
    client.destroy()
  }
}

/** Host, port and database as a person types them to confirm, such as `127.0.0.1:6379/3`. */
function placeOf(address: string): string {
  const { host, port, pathname } = redisUrl(address)
  return `${host}${port === '' ? ':6379' : ''}/${pathname.slice(1) || '0'}`
}

const persistence = defineCommand({
  name: 'persistence',
  summary: 'Check that Redis writes snapshots and a log, and that the newest snapshot is not stale.',
  args: {},
  options: { ...URL, every: withDefault(duration(), '15m', 'Longest time until a change is in a snapshot.') },
  effect: 'read',
  examples: ['runbook redis persistence --url redis://127.0.0.1:6379'],
  async run({ options }): Promise<CommandReport> {
    const findings = await connected(options.url, async (client) => {
      const [info, settings] = [
        await client.info('persistence'),
        await client.configGet(['save', 'appendonly']),
      ]
      const { save = '', appendonly = '' } = settings
      return judgePersistence({ info: infoOf(info), save, appendonly }, options.every, Date.now())
    })
    const ok = findings.every((finding) => finding.ok)
    return {
      document: { ok, findings },
      text: findings.map((finding) => `${finding.ok ? 'ok  ' : 'FAIL'} ${finding.text}\n`).join(''),
      exitCode: ok ? exit.done : exit.failed,
      hint: 'Set `save 900 1` and `appendonly yes`, and look at the log of Redis.',
    }
  },
})

const count = defineCommand({
  name: 'count',
  summary: 'Count the keys of a database.',
  args: {},
  options: URL,
  effect: 'read',
  examples: ['runbook redis count --url redis://127.0.0.1:6379/3'],
  async run({ options }): Promise<CommandReport> {
    const keys = await connected(options.url, (client) => client.dbSize())
    return { document: { ok: true, keys }, text: `${keys}\n` }
  },
})

const SERVER = {
  to: required(filePath('folder'), 'Folder of the restored server.'),
  port: required(integer(1, 65_535, 'port'), 'Its port.'),
}

const restore = defineCommand({
  name: 'restore',
  summary:
    'Restore a snapshot into a new folder, and start it on a new port of loopback. No other server is touched.',
  args: {},
  options: {
    ...SERVER,
    from: required(filePath('file'), 'The snapshot, such as dump.rdb.'),
    limit: withDefault(duration(), '15m', 'Longest time until it answers.'),
  },
  effect: 'write',
  examples: ['runbook redis restore --from /srv/backups/dump.rdb --to /srv/restored --port 47433'],
  async run({ options: { from, to, port, limit }, dryRun }): Promise<CommandReport> {
    if (!existsSync(from))
      throw new CliError(exit.usage, `The snapshot ${from} does not exist`, 'Name another --from.')
    if (existsSync(to) && readdirSync(to).length > 0)
      throw new CliError(
        exit.usage,
        `The folder ${to} is not empty: a restore never writes over a server`,
        'Name a new folder.',
      )
    await anotherPort(port, 0, [])
    if (dryRun)
      return {
        document: { ok: true, dryRun: true },
        text: `! would restore ${from} into ${to}, on port ${port}\n`,
      }
    const folder = resolve(to)
    makeFolder(folder)
    copyFileSync(from, join(folder, 'dump.rdb'))
    const checked = await execa('redis-check-rdb', [join(folder, 'dump.rdb')], { reject: false })
    if (checked.exitCode !== 0)
      throw new CliError(
        exit.failed,
        `The snapshot ${from} is damaged, redis-check-rdb says`,
        'Take another one.',
      )
    // Without a log: one that does not exist yet would be loaded in place of the snapshot.
    const place = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--appendonly',
      'no',
      '--save',
      '900 1',
    ]
    await execa('redis-server', [...place, '--daemonize', 'yes', '--logfile', join(folder, 'server.log')])
    const address = `redis://127.0.0.1:${port}`
    const keys = await waitFor(
      () =>
        connected(address, async (client) => {
          if (infoOf(await client.info('persistence'))['loading'] !== '0') return undefined
          await client.configSet('appendonly', 'yes')
          return await client.dbSize()
        }).catch(unanswered),
      limit,
    )
    if (keys === undefined)
      throw new CliError(
        exit.failed,
        `The restored server does not answer after ${limit / 1000} s`,
        `Look at ${join(folder, 'server.log')}.`,
      )
    return {
      document: { ok: true, keys, port },
      text: `+ ${from} is restored on port ${port}, ${keys} keys in database 0\n`,
    }
  },
})

/** A server that is not up yet does not answer; every other failure is one of this program. */
function unanswered(error: unknown): undefined {
  if (!(error instanceof CliError)) throw error
}

const discard = defineCommand({
  name: 'discard',
  summary: 'Stop a restored server and remove its folder.',
  args: {},
  options: SERVER,
  effect: 'write',
  examples: ['runbook redis discard --to /srv/restored --port 47433'],
  async run({ options: { to, port }, dryRun }): Promise<CommandReport> {
    if (dryRun)
      return { document: { ok: true, dryRun: true }, text: `! would stop port ${port} and remove ${to}\n` }
    const address = `redis://127.0.0.1:${port}`
    const folder = await connected(address, async (client) => (await client.configGet('dir'))['dir']).catch(
      unanswered,
    )
    if (folder !== undefined && folder !== resolve(to))
      throw new CliError(
        exit.usage,
        `The server on port ${port} is in ${folder}, and not in ${to}`,
        'Check --port and --to.',
      )
    // It answers a shutdown by closing the connection.
    if (folder !== undefined)
      await connected(address, (client) => client.sendCommand(['SHUTDOWN', 'NOSAVE'])).catch(unanswered)
    rmSync(to, { recursive: true, force: true })
    return { document: { ok: true }, text: `+ ${to} is removed\n` }
  },
})

const flush = defineCommand({
  name: 'flush',
  summary:
    'Remove every key of one database. Refused when one key does not match --only: then it is another database.',
  args: {},
  options: {
    ...URL,
    only: required(
      string('glob'),
      'Pattern that every key of the right database matches, such as session:*.',
    ),
    yesDestroy: optional(
      string('place'),
      'Host, port and database, typed to confirm, such as 127.0.0.1:6379/3.',
    ),
  },
  effect: 'write',
  examples: [
    "runbook redis flush --url redis://127.0.0.1:6379/3 --only 'session:*' --yes-destroy 127.0.0.1:6379/3",
  ],
  async run({ options: { url, only, yesDestroy }, dryRun }): Promise<CommandReport> {
    const place = placeOf(url)
    if (yesDestroy !== place && !dryRun)
      throw new CliError(
        exit.invalid,
        `${place} is not confirmed: \`${yesDestroy ?? ''}\` was typed`,
        `Add --yes-destroy ${place}, when every key in it may go.`,
      )
    return await connected(url, async (client) => {
      const keys = await client.dbSize()
      const matching = new Set<string>()
      for await (const batch of client.scanIterator({ MATCH: only, COUNT: 1000 }))
        for (const key of batch) matching.add(key)
      const stranger = await strangerOf(client, matching)
      if (stranger !== undefined)
        throw new CliError(
          exit.invalid,
          `${place} is another database: its key \`${stranger}\` does not match ${only}`,
          'Check the number of the database; no key was removed.',
        )
      if (dryRun)
        return {
          document: { ok: true, dryRun: true, keys },
          text: `! would remove ${keys} keys of ${place}\n`,
        }
      await client.flushDb()
      return { document: { ok: true, keys }, text: `+ ${keys} keys of ${place} are removed\n` }
    })
  },
})

/** A key that does not match; one that was written since the first look counts as one, and the caller tries again. */
async function strangerOf(client: Client, matching: ReadonlySet<string>): Promise<string | undefined> {
  for await (const batch of client.scanIterator({ COUNT: 1000 })) {
    const stranger = batch.find((key: string) => !matching.has(key))
    if (stranger !== undefined) return stranger
  }
  return undefined
}

export const program = defineProgram({
  name: 'runbook redis',
  summary: 'Check that Redis keeps its data, restore a snapshot beside the original, and empty one database.',
  commands: [persistence, count, restore, discard, flush],
})

if (import.meta.main) await runProgram(program)
