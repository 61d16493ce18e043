import type { Config } from '../config.ts'
import type { KeyTaken } from '../engine/key.ts'
import { redactText } from '../engine/redact.ts'
import type { SessionEnd, SessionOptions } from '../engine/session.ts'
import { parseDuration } from '../model/duration.ts'
import type { Plan } from '../model/plan.ts'
import type { OptionValues } from './command.ts'
import { text } from './command.ts'
import { sayEnd } from './ending.ts'
import { CliError } from './error.ts'
import { exit, exitOf } from './exit.ts'
import { holderWords } from './failure.ts'
import type { Io } from './io.ts'
import { includePort } from './include.ts'
import { requireAll } from './require.ts'
import { provenKey, trustFor } from './keys.ts'
import type { Signing } from './keys.ts'
import { makeOperator } from './operator.ts'
import { jsonReporter, textReporter } from './report.ts'
import { listenForSignals } from './signals.ts'
import type { Signals } from './signals.ts'
import { operatorTerminal } from './terminal.ts'
import { identify } from './who.ts'

/** Drives one stretch of a run from the command line: signals, questions, screen, and the words at its end. */
export async function driveSession(
  config: Config,
  plan: Plan,
  secrets: Record<string, string>,
  io: Io,
  options: OptionValues,
  start: (options: SessionOptions) => Promise<{ run: string; end: SessionEnd }>,
): Promise<number> {
  const safe = redactingIo(io, Object.values(secrets))
  const signals = listenForSignals(safe)
  try {
    const signing = provenKey(config, io)
    const session = await sessionOptions(config, plan, secrets, safe, options, signals, signing)
    const { run, end } = await start(session)
    sayEnd(config, run, end, safe)
    return exitOf(end, signals.terminated())
  } finally {
    signals.remove()
  }
}

export async function sessionOptions(
  config: Config,
  plan: Plan,
  secrets: Record<string, string>,
  io: Io,
  options: OptionValues,
  signals: Signals,
  signing: Signing,
): Promise<SessionOptions> {
  const { actor } = await identify(config, io, 'runner')
  const file = text(options, 'answers')
  const answers = file === undefined ? undefined : (await import('./answers-file.ts')).readAnswers(file, io)
  const { cancelled, killed, stop } = signals
  const include = includePort({
    config,
    io,
    chain: [plan.slug],
    secrets,
    optionsFor: async (inner, own, port) => ({
      ...(await sessionOptions(config, inner, own, io, options, signals, signing)),
      include: port,
    }),
    require: (inner) => requireAll(inner, io),
  })
  const reporter = io.json ? jsonReporter(io) : textReporter(plan, io)
  const operator = makeOperator({
    io,
    actor,
    plan,
    yes: options['yes'] === true,
    detach: options['detach'] === true,
    answers,
    stop,
    onAsk: reporter.onAsk,
  })
  return {
    state: config.state,
    actor,
    operator,
    secrets,
    cancelled,
    killed,
    graceMs: graceTime(io),
    rollbackOnCancel: options['rollback-on-cancel'] === true,
    onWaiting: options['wait'] === true ? (taken) => sayWaiting(taken, io) : undefined,
    env: io.env,
    terminal: operatorTerminal(io, stop),
    include,
    ...signing,
    trust: trustFor(config),
    ...reporter,
  }
}

function graceTime(io: Io): number {
  const written = io.env['RUNBOOK_GRACE']
  if (written === undefined) return 10_000
  const ms = parseDuration(written)
  if (ms === undefined)
    throw new CliError(
      exit.usage,
      `RUNBOOK_GRACE is \`${written}\`, which is no duration`,
      'Write it as 10s; it is the time a step has between SIGTERM and SIGKILL.',
    )
  return ms
}

function sayWaiting(taken: KeyTaken, io: Io): void {
  io.note(`Waiting for the key \`${taken.key}\`, held by ${holderWords(taken)}.`)
}

/** The last line of defence: what is printed passes the redactor, wherever it comes from. */
function redactingIo(io: Io, secrets: readonly string[]): Io {
  if (secrets.length === 0) return io
  return {
    ...io,
    out: (line) => io.out(redactText(line, secrets)),
    note: (line) => io.note(redactText(line, secrets)),
    say: (line) => io.say(redactText(line, secrets)),
    write: (line) => io.write(redactText(line, secrets)),
  }
}
