import type { Config } from '../../config.ts'
import type { IncludePort } from '../../engine/loop/include.ts'
import { makePlan, readInputs } from '../../engine/plan/plan.ts'
import { resumeRun, startRun } from '../../engine/runs.ts'
import type { SessionOptions } from '../../engine/session.ts'
import { readRun } from '../../journal/store.ts'
import type { Plan } from '../../model/plan.ts'
import { withPeople } from '../shared/approvers.ts'
import { CliError } from '../../kit/error.ts'
import type { Io } from '../../kit/io.ts'
import { version } from '../../kit/version.ts'
import { openRunbook } from '../shared/workspace.ts'

export interface Nesting {
  config: Config
  io: Io
  /** Addresses of the runbooks on the way here, the outermost first. */
  chain: readonly string[]
  /** Values that may stand in no plan. */
  secrets: Readonly<Record<string, string>>
  optionsFor(plan: Plan, secrets: Record<string, string>, include: IncludePort): Promise<SessionOptions>
  require(plan: Plan): Promise<void>
}

/** Starts and takes up nested runs with the same screen, operator and signals as the run around them. */
export function includePort(nesting: Nesting): IncludePort {
  const { config, io, chain } = nesting
  const inner = (slug: string, secrets: Record<string, string>): IncludePort =>
    includePort({ ...nesting, chain: [...chain, slug], secrets: { ...nesting.secrets, ...secrets } })
  return {
    state: config.state,
    async prepare({ runbook: name, inputs }, parent) {
      if (chain.includes(name)) return { problem: `it leads back to itself: ${[...chain, name].join(' → ')}` }
      try {
        const { runbook, document } = await openRunbook(config, name, io)
        const read = readInputs(runbook, new Map(Object.entries(inputs)))
        const { plan: made, problems } = await makePlan(runbook, read)
        const problem = [...read.problems, ...problems][0]?.message ?? missing(read.missing)
        if (problem !== undefined) return { problem }
        if (leaks(read.values, nesting.secrets))
          return { problem: 'a secret would become one of its plain inputs' }
        const plan = await withPeople(made, config, io)
        await nesting.require(plan)
        const start = { plan, document, cwd: io.cwd, version, parent }
        const options = await nesting.optionsFor(plan, read.secrets, inner(plan.slug, read.secrets))
        return { slug: plan.slug, start: async (run) => (await startRun({ ...start, run }, options)).end }
      } catch (error) {
        if (error instanceof CliError) return { problem: error.message }
        throw error
      }
    },
    async resume(run, { inputs }) {
      const { plan } = readRun(config.state, run)
      const secrets = Object.fromEntries(plan.secrets.map((secret) => [secret, inputs[secret] ?? '']))
      const options = await nesting.optionsFor(plan, secrets, inner(plan.slug, secrets))
      return (await resumeRun(run, options)).end
    },
  }
}

function missing(names: readonly string[]): string | undefined {
  return names.length > 0 ? `its inputs ${names.join(', ')} are not given` : undefined
}

function leaks(values: Readonly<Record<string, string>>, secrets: Readonly<Record<string, string>>): boolean {
  const all = Object.values(secrets).filter((secret) => secret !== '')
  return Object.values(values).some((value) => all.some((secret) => value.includes(secret)))
}
