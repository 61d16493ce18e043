import type { Config } from '../../config.ts'
import type { IncludePort } from '../../engine/loop/include.ts'
import { makePlan } from '../../engine/plan/make-plan.ts'
import { readInputs } from '../../engine/plan/read-inputs.ts'
import { sealStored } from '../../engine/sign/seal.ts'
import { resumeRun, startRun } from '../../engine/runs.ts'
import type { Driver } from '../../engine/run.ts'
import { readRun } from '../../journal/record/run-store.ts'
import type { Plan } from '../../model/plan.ts'
import { withPeople } from '../shared/people/plan-people.ts'
import type { Io } from '../../kit/io.ts'
import { version } from '../../kit/version.ts'
import { containsSecret } from '../shared/plan/refuse-leaks.ts'
import { requireAll } from './require-all.ts'
import { openRunbook } from '../shared/workspace.ts'
import { failure, ProblemError, success } from '../../model/problem.ts'

/** The runs around a nested one. */
export interface Around {
  /** Addresses of their runbooks, the outermost first. */
  chain: readonly string[]
  /** Values that a plan must not contain. */
  secrets: Readonly<Record<string, string>>
  /** Whether the run around is a drill: then all of it is. */
  practice: boolean
}

/** Starts and resumes nested runs, with the driver of the run around them. */
export function includePort(
  config: Config,
  io: Io,
  { chain, secrets: outer, practice }: Around,
  driverFor: (nested: { plan: Plan; secrets: Record<string, string>; practice: boolean }) => Promise<Driver>,
): IncludePort {
  return {
    state: config.state,
    async prepare({ runbook: name, inputs }, parent) {
      if (chain.includes(name)) return failure(`it leads back to itself: ${[...chain, name].join(' → ')}`)
      try {
        const { runbook, document } = await openRunbook(config, name, io)
        const read = await readInputs(runbook, new Map(Object.entries(inputs)))
        const { plan: made, problems } = await makePlan(runbook, read, config.kinds)
        const problem = [...read.problems, ...problems][0]?.message ?? missing(read.missing)
        if (problem !== undefined) return failure(problem)
        if (Object.values(read.values).some((value) => containsSecret(value, Object.values(outer))))
          return failure('a secret would become one of its plain inputs')
        const plan = await withPeople(made, config, io)
        await requireAll(plan, io)
        const start = { plan, document, cwd: io.cwd, version, parent, practice }
        const driver = await driverFor({ plan, secrets: read.secrets, practice })
        return success({
          slug: plan.slug,
          start: async (run) => (await startRun({ ...start, run }, driver)).end,
        })
      } catch (error) {
        if (error instanceof ProblemError) return { ok: false, problem: error.problem }
        throw error
      }
    },
    async resume(run, { inputs }) {
      const { plan } = readRun(config.state, run)
      const secrets = Object.fromEntries(plan.secrets.map((secret) => [secret, inputs[secret] ?? '']))
      return (await resumeRun(run, await driverFor({ plan, secrets, practice }))).end
    },
    async seal(run) {
      const stored = readRun(config.state, run)
      const { actor, signer } = await driverFor({ plan: stored.plan, secrets: {}, practice })
      sealStored(stored, { state: config.state, actor, signer })
    },
  }
}

function missing(names: readonly string[]): string | undefined {
  return names.length > 0 ? `its inputs ${names.join(', ')} are not given` : undefined
}
