import type { Config } from '../../config.ts'
import type { Driver } from '../../engine/run.ts'
import { stepEnvironment } from '../../engine/process/environment.ts'
import { runNow } from '../../engine/process/run-now.ts'
import { startRun } from '../../engine/runs.ts'
import { parseKey } from '../../journal/record/event.ts'
import { listEntries, readEntry } from '../../library.ts'
import { drillPromise, lapsedWords } from '../../model/drill.ts'
import type { Meta } from '../../model/meta.ts'
import type { Runbook } from '../../model/runbook.ts'
import type { Request } from './index.ts'
import { driveRun } from '../exec/driver.ts'
import { withDotenv } from '../exec/dotenv.ts'
import { requireAll } from '../exec/require-all.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { version } from '../../kit/version.ts'
import { planFor } from '../shared/plan/plan-for.ts'
import { refuseLeaks } from '../shared/plan/refuse-leaks.ts'
import { lastDrills } from '../shared/last-drills.ts'
import { refuseToStart, refuseWithin } from '../shared/people/plan-people.ts'
import { openRunbook, openWorkspace } from '../shared/workspace.ts'

type Drill = NonNullable<Meta['drill']>
type Fault = Drill['faults'][number]

export async function run(call: Request): Promise<number> {
  const { io, args, options } = call
  const config = await openWorkspace(io)
  const names = options.due ? await lapsedRunbooks(config, call) : [args.runbook]
  if (names.length === 0) {
    io.note('No promised drill is due.')
    return exit.done
  }
  let worst: number = exit.done
  for (const name of names) {
    if (name === undefined)
      throw new CliError(exit.usage, 'Missing <runbook>', 'Name the runbook, or write --due.')
    const code = await drillOne(name, config, call)
    if (code !== exit.done) worst = code
  }
  return worst
}

async function lapsedRunbooks(config: Config, { io }: Request): Promise<string[]> {
  const last = lastDrills(config)
  const entries = await Promise.all(
    listEntries(config.content).map(async (entry) => readEntry(entry, io.cwd, config.kinds)),
  )
  return entries.flatMap(({ runbook }) =>
    runbook && lapsedWords(drillPromise(runbook.meta, last().get(runbook.slug), Date.now())) !== undefined
      ? [runbook.slug]
      : [],
  )
}

async function drillOne(name: string, config: Config, call: Request): Promise<number> {
  const { io, dryRun } = call
  const { runbook, document } = await openRunbook(config, name, io)
  const { drill } = runbook.meta
  if (!drill)
    throw new CliError(
      exit.usage,
      `${runbook.slug} does not say where it may be practised; nothing ran`,
      'Add `drill:` with the `inputs` of a safe environment to its frontmatter.',
    )
  const faults = faultsOf(drill, call)
  if (dryRun) {
    const plans = faults.map((fault) => fault?.name ?? 'no fault')
    if (io.json) io.out(JSON.stringify({ runbook: runbook.slug, inputs: drill.inputs, faults: plans }))
    else io.out(`would practise ${runbook.slug} with ${plans.join(', then ')}`)
    return exit.done
  }
  let worst: number = exit.done
  for (const fault of faults) {
    const code = await practise(runbook, document, drill, fault, config, call)
    if (code !== exit.done) worst = code
  }
  return worst
}

/** The faults of a call, one for each run; undefined is a run without one. */
function faultsOf({ faults }: Drill, { options }: Request): (Fault | undefined)[] {
  if (options.fault.length === 0) return [undefined]
  if (options.fault.includes('all')) return [undefined, ...faults]
  return options.fault.map((wanted) => {
    const fault = faults.find(({ name }) => name === wanted)
    if (fault) return fault
    const names = faults.map(({ name }) => name).join(', ')
    throw new CliError(
      exit.usage,
      `There is no fault \`${wanted}\``,
      names === '' ? 'The runbook declares none under `drill.faults`.' : `The faults are ${names}.`,
    )
  })
}

async function practise(
  runbook: Runbook,
  document: Buffer,
  drill: Drill,
  fault: Fault | undefined,
  config: Config,
  { io: shell, options }: Request,
): Promise<number> {
  const { plan, secrets } = await planFor(config, runbook, options.input, shell, drill.inputs)
  const io = withDotenv(shell, options.dotenv, plan)
  refuseLeaks(plan, document, secrets)
  await requireAll(plan, io)
  await refuseWithin(runbook, true, config, io)
  await refuseToStart(plan, true, config, io)
  const script = (what: string, code: string | undefined): void => {
    if (code === undefined) return
    const outcome = runNow(code, {
      cwd: io.cwd,
      env: stepEnvironment(plan, io.env, { ...plan.inputs, ...secrets }),
    })
    if (!outcome.ok)
      throw new CliError(
        exit.failed,
        `${what} of the drill failed: ${outcome.problem.message}`,
        'Correct the script.',
      )
    if (what !== 'The cleanup') io.note(`${what} of the drill is done.`)
  }
  script('The preparation', drill.prepare)
  const expected = fault?.ends ?? drill.ends
  let actual = ''
  let code: number
  try {
    code = await driveRun({ config, io, options }, { plan, secrets, practice: true }, async (driver) => {
      const started = await startRun(
        { plan, document, cwd: io.cwd, version, practice: true },
        {
          ...driver,
          onEvent: injecting(fault, driver, () => script(`The fault \`${fault?.name}\``, fault?.run)),
        },
      )
      const { end } = started
      actual = end.type === 'ended' ? end.status : end.type
      return started
    })
  } finally {
    script('The cleanup', drill.cleanup)
  }
  if (actual === 'waiting' || actual === 'interrupted') return code
  const asExpected = actual === expected
  io.note(
    asExpected
      ? `Drill: ${actual}, as expected.`
      : `Drill: ${actual}, expected ${expected}. Correct the runbook, or what it runs on.`,
  )
  return asExpected ? exit.done : exit.failed
}

/** The fault is there when its step begins, once. */
function injecting(fault: Fault | undefined, driver: Driver, inject: () => void): Driver['onEvent'] {
  let open = fault !== undefined
  return (event, line, synced) => {
    if (open && event.type === 'step-started' && parseKey(event.key).step === fault?.at) {
      open = false
      inject()
    }
    driver.onEvent(event, line, synced)
  }
}
