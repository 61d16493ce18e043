import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { flagEvaluator } from '../../../runner/flags/flag-evaluator.ts'
import { envProvider } from '../../programs/flags/env-flags.ts'
import { counter, type Metric } from '../metrics.ts'
import { share } from '../share.ts'

const POLL_MS = 100

/** The flags one user got for one request. */
interface Features {
  on: Record<string, boolean>
  /** True when a feature that is broken in this lab spoils the request. */
  broken: boolean
}

/** The flags of the lab's service: read from a file, evaluated by flagd's core, counted. */
export interface LabFlags {
  metrics: Metric[]
  /** The flags of a user, without counting. */
  ask(user: string): Record<string, boolean>
  /** The flags of a user for a request; counted as evaluations. */
  see(user: string): Features
  /** Counts the answer of the request. */
  count(features: Features, code: number): void
  stop(): void
}

/**
 * Follows a flag file, and the environment flags of this color beside it (`<color>.env`); a broken one leaves the last good one in force. A flag whose metadata says `labErrors: 0.5`
 * is a broken feature: half of the requests of those who have it fail.
 */
export async function followFlags(file: string, color: string): Promise<LabFlags> {
  const evaluator = flagEvaluator()
  const environment = envProvider(dirname(file))
  const requests = counter('feature_requests', 'Requests answered, by flag and what the user got.')
  const evaluated = counter('feature_flag_evaluations', 'Evaluations, by flag and variant.')
  const failing = new Map<string, ReturnType<typeof share>>()
  let last = ''
  let fixed: Record<string, boolean> = {}

  async function reload(): Promise<void> {
    fixed = Object.fromEntries((await environment.list(color)).map(({ key, on }) => [key, on]))
    const text = await readFile(file, 'utf8').catch(() => '{"flags":{}}')
    if (text === last) return
    last = text
    try {
      evaluator.update(text)
    } catch {
      // The last good flags stay in force.
    }
  }

  function ask(user: string): Record<string, boolean> {
    const context = { targetingKey: user }
    const asked = evaluator.keys().map((key) => [key, evaluator.resolve(key, false, context).value] as const)
    return { ...Object.fromEntries(asked), ...fixed }
  }

  function spoils(key: string): boolean {
    const rate = Number(evaluator.metadata(key, 'labErrors') ?? 0)
    if (!failing.has(key)) failing.set(key, share())
    return failing.get(key)?.(rate) === true
  }

  await reload()
  const timer = setInterval(() => void reload(), POLL_MS).unref()
  return {
    metrics: [requests, evaluated],
    ask,
    see(user) {
      const on = ask(user)
      for (const [flag, value] of Object.entries(on)) evaluated.add({ flag, variant: value ? 'on' : 'off' })
      return { on, broken: Object.entries(on).filter(([key, value]) => value && spoils(key)).length > 0 }
    },
    count({ on }, code) {
      for (const [flag, value] of Object.entries(on))
        requests.add({ flag, variant: value ? 'on' : 'off', code: String(code) })
    },
    stop: () => clearInterval(timer),
  }
}
