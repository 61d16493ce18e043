import type { Config } from '../../config.ts'
import type { KeyTaken } from '../../engine/concurrency-key.ts'
import { hiddenVariables } from '../../engine/process/environment.ts'
import { redactText } from '../../engine/process/redact/redact.ts'
import type { Stretch } from '../../engine/drive.ts'
import type { Driver } from '../../engine/run.ts'
import { clientName } from '../../model/people/agents.ts'
import { parseDuration } from '../../model/values/duration.ts'
import type { Actor, Plan } from '../../model/plan.ts'
import { sayEnd } from './say-end.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { includePort } from './include-port.ts'
import type { Around } from './include-port.ts'
import { decisionSignerFor, provenKey, trustFor } from '../shared/people/keys.ts'
import type { Signing } from '../shared/people/keys.ts'
import { joinTeam } from '../shared/team/open-team.ts'
import { openTelemetry } from '../shared/telemetry.ts'
import type { Telemetry } from '../shared/telemetry.ts'
import { identify } from '../shared/people/identify.ts'
import { makeOperator } from './operator.ts'
import { jsonReporter, textReporter } from './reporter.ts'
import { listenForSignals } from '../../kit/signals.ts'
import type { Signals } from '../../kit/signals.ts'
import { operatorTerminal } from './operator-terminal.ts'

/** The flags that say how a run is driven. */
interface DrivingOptions {
  yes?: boolean
  answers?: string | undefined
  wait?: boolean
  detach?: boolean
  rollbackOnCancel?: boolean
  remote?: boolean
  offline?: boolean
  agent?: string | undefined
  agentWrites?: boolean
}

/** Where runs are driven from: the workspace, the terminal with its signals, and what the call says. */
interface Seat {
  config: Config
  io: Io
  options: DrivingOptions
  signals: Signals
  signing: Signing
  /** The part of a team, and for a runner the person it drives the run of. */
  team?: Pick<Driver, 'shared' | 'sealer' | 'teamNote'> & { actor?: Actor; askedBy?: Actor }
  /** Told of every event. Default: nothing is. */
  telemetry?: Telemetry
}

/** The run that is driven. */
interface Wanted {
  plan: Plan
  /** Values of secret inputs by name. */
  secrets: Record<string, string>
  /** Those it has already. */
  outputs?: Readonly<Record<string, string>>
  /** A drill. Default: false. */
  practice?: boolean
}

/** Drives one stretch of a run from the command line: signals, questions, screen, and the words at its end. */
export async function driveRun(
  { config, io, options }: Omit<Seat, 'signals' | 'signing' | 'team' | 'telemetry'>,
  wanted: Wanted,
  start: (driver: Driver) => Promise<{ run: string; end: Stretch }>,
): Promise<number> {
  refuseForAgent(options)
  const safe = redactingIo(io, [...Object.values(wanted.secrets), ...hiddenVariables(wanted.plan, io.env)])
  const signals = listenForSignals(safe)
  const telemetry = openTelemetry(config, safe)
  try {
    const signing = provenKey(config, io)
    await using team = await joinTeam(config, safe, options.offline === true)
    const seat = { config, io: safe, options, signals, signing, team, telemetry }
    const driver = await makeDriver(seat, wanted)
    const { run, end } = await start(driver)
    sayEnd(config, { run, secrets: wanted.plan.secrets }, end, safe)
    return exitOf(end, signals.terminated())
  } finally {
    await telemetry.finish()
    signals.remove()
  }
}

/** The person at a terminal, as the driver of a run and of the runs it includes. `around` are those that include it. */
export async function makeDriver(
  seat: Seat,
  { plan, secrets, outputs = {}, practice = false }: Wanted,
  around: Around = { chain: [], secrets: {}, practice: false },
): Promise<Driver> {
  const { config, io, options, signals, telemetry } = seat
  const { cancelled, killed, stop } = signals
  const { agent } = options
  const { actor: person } = await identify(config, io, 'runner')
  // The person stays the one who runs: an agent acts on their behalf, and they may not approve what it runs.
  const actor =
    seat.team?.actor ??
    (agent === undefined ? person : { ...person, via: 'agent', client: clientName(agent) })
  const file = options.answers
  const answers = file === undefined ? undefined : (await import('./answers-file.ts')).readAnswers(file, io)
  const here = { chain: [...around.chain, plan.slug], secrets: { ...around.secrets, ...secrets }, practice }
  const kinds = await config.kinds.load(plan.steps.map(({ kind }) => kind))
  const reporter = io.json ? jsonReporter(io) : textReporter(plan, kinds, io, outputs)
  const { yes = false, detach = false, agentWrites = false } = options
  const remote = options.remote === true || agent !== undefined
  return {
    state: config.state,
    actor,
    operator: makeOperator({
      io,
      actor,
      plan,
      practice,
      kinds,
      yes,
      agentWrites: agent !== undefined && agentWrites,
      detach,
      remote,
      answers,
      stop,
      onAsk: reporter.onAsk,
    }),
    secrets,
    cancel: { soft: cancelled, hard: killed },
    stop,
    askedBy: remote && agent === undefined ? { ...actor, via: 'browser' } : undefined,
    graceMs: graceTime(io),
    rollbackOnCancel: options.rollbackOnCancel === true,
    onWaiting: options.wait ? (taken) => sayWaiting(taken, io) : undefined,
    // Node asks the system for each variable of `process.env`, and every step takes many of them.
    env: { ...io.env },
    kinds: config.kinds,
    terminal: operatorTerminal(io, stop),
    include: includePort(config, io, here, (inner) => makeDriver(seat, inner, here)),
    ...seat.signing,
    decisionSigner: decisionSignerFor(config, io),
    trust: trustFor(config),
    ...reporter,
    onEvent(event, line) {
      reporter.onEvent(event, line)
      telemetry?.note(event, plan)
    },
    ...seat.team,
  }
}

/** An agent answers nothing, so no option may answer for it. */
function refuseForAgent({ agent, agentWrites, yes, answers }: DrivingOptions): void {
  if (agent === undefined && agentWrites)
    throw new CliError(
      exit.usage,
      '`--agent-writes` is for a run that an agent drives',
      'Add --agent <client>.',
    )
  if (agent !== undefined && (yes || answers !== undefined))
    throw new CliError(
      exit.usage,
      'Neither `--yes` nor `--answers` goes with --agent: an agent answers no question',
      'Leave it out; people answer on the page of the run.',
    )
}

function graceTime(io: Io): number {
  const setting = io.env['RUNBOOK_GRACE']
  if (setting === undefined) return 10_000
  const ms = parseDuration(setting)
  if (ms === undefined)
    throw new CliError(
      exit.usage,
      `RUNBOOK_GRACE is \`${setting}\`, which is not a duration`,
      'Write it as 10s; it is the time a step has between SIGTERM and SIGKILL.',
    )
  return ms
}

function sayWaiting(taken: KeyTaken, io: Io): void {
  io.note(`Waiting for the key \`${taken.key}\`, held by ${taken.holder}.`)
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

function exitOf(end: Stretch, terminated: boolean): number {
  if (end.type === 'waiting') return exit.waiting
  if (end.type === 'interrupted') return terminated ? exit.terminated : exit.interrupted
  switch (end.status) {
    case 'succeeded':
      return exit.done
    case 'stopped':
      return exit.decided
    case 'rollback-failed':
      return exit.rollbackFailed
    default:
      return exit.failed
  }
}
