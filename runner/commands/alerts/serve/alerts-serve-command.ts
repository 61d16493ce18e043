import { isLoopback } from '../../../http/loopback.ts'
import type { Credentials } from '../../../alerts/serve/webhook-credentials.ts'
import { makeQueue } from '../../../alerts/serve/diagnosis.ts'
import { receive, shownName } from '../../../alerts/serve/receive.ts'
import { startServer } from '../../../alerts/serve/webhook-server.ts'
import type { ServerOptions } from '../../../alerts/serve/webhook-server.ts'
import type { StoredAlert } from '../../../alerts/alert-store.ts'
import type { RunState } from '../../../journal/fold.ts'
import { listRuns, readRun } from '../../../journal/record/run-store.ts'
import { openMetrics } from '../../../telemetry/open-metrics.ts'
import type { Listening } from '../../../http/listen.ts'
import type { Config } from '../../../config.ts'
import type { Runbook } from '../../../model/runbook.ts'
import type { Request } from './index.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import { printable } from '../../../kit/io.ts'
import type { Io } from '../../../kit/io.ts'
import { namedFile } from '../../../kit/named-file.ts'
import { untilEnded } from '../../../kit/until-ended.ts'
import { documentsOf } from '../../exec/run-from-alert.ts'
import { openWorkspace } from '../../shared/workspace.ts'
import { diagnose } from './diagnose.ts'
import { openOrdering } from './ordering.ts'
import { counted } from '../../../model/counted.ts'

const mostAlerts = 10_000
const mostWaiting = 100
const maxAgeMs = 2000

export async function run({ io, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const host = options.host
  const credentials = readCredentials(options, io)
  if (!isLoopback(host) && credentials.secret === undefined && credentials.basic === undefined)
    throw new CliError(
      exit.usage,
      `Others can reach \`${host}\`, and nothing would keep them from sending alerts`,
      'Add --secret-file or --basic-auth-file, or listen on 127.0.0.1.',
    )
  return untilEnded(io, async (cancelled) => {
    const served = await serve(config, host, credentials, options, io, cancelled)
    say(
      io,
      { type: 'listening', address: served.server.origin },
      `Listening on ${served.server.origin}/webhook. Ctrl-C ends it.`,
    )
    return served
  })
}

interface Served {
  server: Listening
  close(): Promise<void>
}

async function serve(
  config: Config,
  host: string,
  credentials: Credentials,
  options: Request['options'],
  io: Io,
  cancelled: AbortSignal,
): Promise<Served> {
  const atOnce = options.runs
  const queue = makeQueue(atOnce, mostWaiting)
  const documents = freshDocuments(config, io)
  await documents()
  const ordering = options.order ? await openOrdering(config, io) : undefined
  const shared = { state: config.state, site: config.site, most: mostAlerts, now: () => new Date() }
  const onNew = (stored: StoredAlert): void => {
    sayAlert(stored, io)
    if (!stored.proposal || atOnce === 0) return
    if (!queue.add(() => diagnose(stored, config, io, cancelled)))
      io.note(`  its reading steps are not run: ${mostWaiting} alerts wait for theirs already`)
  }
  const serverOptions: ServerOptions = {
    host,
    port: options.port,
    credentials,
    maxBody: options.maxBody,
    rate: options.rate,
    now: Date.now,
    receive: async (webhook) => {
      const received = await receive(webhook, { ...shared, documents: await documents(), onNew })
      const { truncated } = received
      if (truncated > 0)
        say(
          io,
          { type: 'truncated', alerts: truncated },
          `  the sender left out ${counted(truncated, 'alert')}: raise its limit for webhooks`,
        )
      return ordering ? { ...received, ...(await ordering.order(webhook)) } : received
    },
    metrics: freshMetrics(config),
    onRefusal: (status, why) => say(io, { type: 'refused', status, why }, `  refused with ${status}: ${why}`),
  }
  const server = await startServer(serverOptions).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      exit.usage,
      `Cannot listen on ${host}: ${error.code ?? error.message}`,
      'Choose another --port or --host.',
    )
  })
  return {
    server,
    async close() {
      await server.close()
      await queue.idle()
      await ordering?.close()
    },
  }
}

/** Runbooks are edited while this listens; in a storm of alerts they are not read again for each. */
function freshDocuments(config: Config, io: Io): () => Promise<Runbook[]> {
  let read = documentsOf(config, io)
  let at = Date.now()
  return () => {
    if (Date.now() - at > maxAgeMs) [read, at] = [documentsOf(config, io), Date.now()]
    return read
  }
}

/** Reading the journals takes longer than a scrape may; several that follow each other get the same text. */
function freshMetrics({ state }: Config): () => string {
  let text = ''
  let at = Number.NEGATIVE_INFINITY
  return () => {
    if (performance.now() - at > maxAgeMs)
      [text, at] = [openMetrics(readableStates(state)), performance.now()]
    return text
  }
}

/** The states of the runs whose journals can be read. */
function readableStates(state: string): RunState[] {
  return listRuns(state).flatMap((id) => {
    try {
      return [readRun(state, id).state]
    } catch {
      return []
    }
  })
}

function sayAlert(stored: StoredAlert, io: Io): void {
  const { fingerprint, proposal, problems } = stored
  const name = shownName(stored)
  const where = proposal ? `${proposal.slug}${proposal.step === '' ? '' : `#${proposal.step}`}` : 'no runbook'
  const lines = [`${oneLine(name)} → ${where}`, ...problems.map((problem) => `  ${oneLine(problem)}`)]
  if (proposal) lines.push(`  runbook exec --alert ${fingerprint}`)
  say(io, { type: 'alert', fingerprint, name, proposal: proposal ?? null, problems }, lines.join('\n'))
}

/** Text of an alert cannot add lines of its own, such as a command to type. */
function oneLine(words: string): string {
  return words.replaceAll(/\s+/g, ' ')
}

function say(io: Io, event: object, line: string): void {
  if (io.json) io.out(JSON.stringify(event))
  else io.note(printable(line))
}

/** Credentials come from files or the environment, never from arguments, where others could see them. */
function readCredentials(options: Request['options'], io: Io): Credentials {
  const secret = fromFile(options.secretFile, io) ?? io.env['RUNBOOK_ALERTS_SECRET']
  const basic = fromFile(options.basicAuthFile, io) ?? io.env['RUNBOOK_ALERTS_BASIC_AUTH']
  if (secret !== undefined && secret.length < 16)
    throw new CliError(
      exit.usage,
      'The secret has fewer than 16 characters',
      'Make one with `openssl rand -hex 32`.',
    )
  if (basic !== undefined && !/^[^:]+:.{8,}$/.test(basic))
    throw new CliError(
      exit.usage,
      'The basic authentication is not `user:password`',
      'Write one line, with a password of 8 characters or more.',
    )
  return { secret, basic }
}

function fromFile(path: string | undefined, io: Io): string | undefined {
  return path === undefined ? undefined : namedFile(path, io).trim()
}
