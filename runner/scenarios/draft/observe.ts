import type { Json } from '../../model/values/json.ts'
import { formatDuration, parseDuration } from '../../model/values/duration.ts'
import type { Played } from '../played.ts'
import type { ScenarioSource } from './scenario-source.ts'

/**
 * The scenario with what it led to, and a name that says so. It is an observation until a person agrees. `whole`: a way
 * through the runbook in which nothing goes wrong, so that its order is told as well.
 */
export function observed(scenario: ScenarioSource, played: Played, whole: boolean): ScenarioSource {
  const end = played.lives.at(-1)
  if (!end) return scenario
  const { ends, at } = end
  const order = orderOf(played)
  const list = (ids: readonly string[]): Json => (ids.length === 0 ? [] : ids.join(' '))
  const expect: Record<string, Json> = {
    ends,
    ...(at === '' ? {} : { at }),
    ...(whole
      ? { ran: list(order.ran), ...(order.skipped.length > 0 ? { skipped: list(order.skipped) } : {}) }
      : {}),
    ...(whole && played.asked.length > 0 ? { asked: [...played.asked] } : {}),
    ...(whole && played.tookMs > 0 ? { took: exactDuration(played.tookMs) } : {}),
    ...(played.did.length > 0 || !whole ? { did: list(played.did) } : {}),
    ...(played.undone.length > 0 ? { undone: list(played.undone), leaves: list(played.leaves) } : {}),
    ...(played.refused.length > 0 ? { refused: list(played.refused) } : {}),
    ...attemptsOf(scenario, played),
  }
  return { ...scenario, name: whole ? scenario.name : `${scenario.name}, and ${consequence[ends]}`, expect }
}

/** A duration that reads back as the same one. */
function exactDuration(ms: number): string {
  const short = formatDuration(ms).replaceAll(' ', '')
  return parseDuration(short) === ms ? short : `${Math.round(ms / 1000)}s`
}

const consequence: Record<Played['lives'][number]['ends'], string> = {
  succeeded: 'the run succeeds',
  failed: 'the run fails',
  stopped: 'the run stops',
  'rolled-back': 'the run is rolled back',
  'rollback-failed': 'the rollback fails',
  waiting: 'the run waits for a person',
  died: 'the runner dies',
  refused: 'the run is not resumed',
}

function orderOf({ events, state }: Played): { ran: string[]; skipped: string[] } {
  const ended = events.filter(({ type }) => type === 'step-finished' || type === 'step-failed')
  const order = [...new Set(ended.map(({ key }) => /^[^#/]*/.exec(key)?.[0] ?? ''))]
  const isSkipped = (id: string): boolean => state.steps.get(id)?.status === 'skipped'
  return { ran: order.filter((id) => !isSkipped(id)), skipped: order.filter(isSkipped) }
}

/** How often a step of the scenario was tried, where that is more than once. */
function attemptsOf({ steps = {}, dies }: ScenarioSource, { state }: Played): Record<string, Json> {
  const ids = [...Object.keys(steps), ...(dies ? [(dies as { in: string }).in] : [])]
  const tried = ids.flatMap((id): [string, number][] => {
    const attempts = state.steps.get(id)?.attempts ?? 0
    return attempts > 1 ? [[id, attempts]] : []
  })
  return tried.length > 0 ? { attempts: Object.fromEntries(tried) } : {}
}
