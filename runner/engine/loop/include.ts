import { hasBegun, readRun, runFolder } from '../../journal/record/run-store.ts'
import type { Included, IncludeRequest } from '../../kinds/kind.ts'
import type { Outcome } from '../../model/problem.ts'
import { Cancelled, Suspended } from './durable.ts'
import type { DurableRun } from './durable.ts'
import { newRunId } from '../run-id.ts'

/** How a stretch of a nested run ended. */
type NestedEnd =
  | { type: 'waiting'; topic: string; question: Suspended['question']; run?: string }
  | { type: 'interrupted'; message: string }
  | { type: 'ended'; status: string; message: string; stays?: true }

/** A nested run that could be started: everything about it is known and nothing has happened. */
interface Prepared {
  slug: string
  start(run: string): Promise<NestedEnd>
}

/** How nested runs are found, started and resumed; the driver of the run knows the library and the screen. */
export interface IncludePort {
  state: string
  prepare(request: IncludeRequest, parent: { run: string; step: string }): Promise<Outcome<Prepared>>
  resume(run: string, request: IncludeRequest): Promise<NestedEnd>
  /** Completes the seal of a run that has ended, where a crash came before it. */
  seal(run: string): Promise<void>
}

/** Runs a runbook as a step: its run is named in the journal before it starts, so a crash finds it again. */
export async function includeRun(
  run: DurableRun,
  step: string,
  port: IncludePort | undefined,
  request: IncludeRequest,
): Promise<Included> {
  const failed = (message: string): Included => ({ run: '', status: 'failed', message, outputs: {} })
  if (!port) return failed('cannot run here: other runbooks are not available')
  for (let time = 1; ; time++) {
    const key = `${step}/${time}`
    const included = run.peek<{ run: string }>('run-included', key)
    const status = included && statusOf(port.state, included.value.run)
    if (included && (status === 'succeeded' || status === 'rolled-back' || status === 'abandoned')) {
      await port.seal(included.value.run)
      if (status === 'succeeded') return done(port.state, included.value.run)
      continue
    }
    if (included && status !== undefined)
      return settle(port.state, included.value.run, await port.resume(included.value.run, request))
    const ready = await port.prepare(request, { run: run.id, step })
    if (!ready.ok) return failed(`cannot be run: ${ready.problem.message}`)
    const prepared = ready.value
    const { value } = await run.record('run-included', key, () => ({
      run: newRunId(prepared.slug, new Date(run.now())),
      runbook: prepared.slug,
    }))
    return settle(port.state, value.run, await prepared.start(value.run))
  }
}

function statusOf(state: string, id: string): string | undefined {
  if (!hasBegun(runFolder(state, id))) return undefined
  return readRun(state, id).state.status
}

function done(state: string, id: string): Included {
  return {
    run: id,
    status: 'passed',
    message: `run ${id} succeeded`,
    outputs: readRun(state, id).state.outputs,
  }
}

/** This run waits for everything that a nested run waits for; when the nested run was stopped, so is this one. */
function settle(state: string, id: string, end: NestedEnd): Included {
  if (end.type === 'waiting') throw new Suspended(end.topic, end.question, end.run ?? id)
  if (end.type === 'interrupted') throw new Cancelled(end.message)
  if (end.status === 'succeeded') return done(state, id)
  const status = end.status !== 'stopped' ? 'failed' : end.stays ? 'inconclusive' : 'breached'
  return { run: id, status, message: `run ${id} ${end.status}: ${end.message}`, outputs: {} }
}
