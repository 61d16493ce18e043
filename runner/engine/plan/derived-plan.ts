import { canonical } from '../../journal/record/canonical.ts'
import { failed, ok, unproven } from '../../journal/verify/check-result.ts'
import type { Check } from '../../journal/verify/check-result.ts'
import { isPlan } from '../../journal/verify/plan-shape.ts'
import type { EvidenceFiles } from '../../journal/verify/read-evidence.ts'
import type { Kinds } from '../../kinds/index.ts'
import { asText } from '../../model/values/json.ts'
import type { Json } from '../../model/values/json.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import { readRunbook } from '../../model/read-runbook.ts'
import type { Runbook } from '../../model/runbook.ts'
import { presenceFrom, strongest } from '../../model/people/presence-level.ts'
import { makePlan } from './make-plan.ts'

/** Documents by address and digest, as they were read; undefined for one that cannot be run here. */
export type Library = Map<string, Runbook | undefined>

/**
 * Makes the plan from the frozen document once more and compares what is done, and who must decide, with the plan that
 * was run: whoever holds the runner's key can write a plan without a step that the document has. `version` is this
 * program's: another one may have read the document differently, so there only a difference in who decides fails.
 */
export async function derivationChecks(
  { chain, document, documentSha256, plan, planSha256 }: EvidenceFiles,
  version: string,
  kinds: Kinds,
  library: Library,
): Promise<Check[]> {
  const first = chain.entries[0]?.data
  // A plan or a document that is not the one the run is bound to is found to be so already.
  if (document === undefined || !isPlan(plan)) return []
  if (first?.['planSha256'] !== planSha256 || plan.sha256 !== documentSha256) return []
  const runbook = await read(document, plan, kinds, library)
  if (!runbook)
    return [
      unproven('plan', 'document.mdx is not a runbook that can be read here, so its plan was not made again'),
    ]
  const { plan: derived } = await makePlan(
    runbook,
    {
      values: plan.inputs,
      secrets: Object.fromEntries(plan.secrets.map((name) => [name, ''])),
      missing: [],
      problems: [],
    },
    kinds,
  )
  const difference = differenceBetween(plan, derived)
  if (difference === undefined) return [ok('plan', 'document.mdx leads to this plan')]
  const words = `plan.json is not the plan that document.mdx leads to: ${difference}`
  const made = first?.['version']
  return made === version || !same(guards(plan), guards(floored(derived, plan)))
    ? [failed('plan', words)]
    : [unproven('plan', `${words}; version ${asText(made)} made it, and this is ${version}`)]
}

async function read(
  document: string,
  { slug, file, sha256 }: Plan,
  kinds: Kinds,
  library: Library,
): Promise<Runbook | undefined> {
  const key = `${slug}\n${file}\n${sha256}`
  if (!library.has(key))
    library.set(
      key,
      readRunbook({ slug, file, bytes: Buffer.from(document) }, (await kinds.load()).all).runbook,
    )
  return library.get(key)
}

/** The difference, in words; undefined when both plans do and ask the same. */
function differenceBetween(plan: Plan, derived: Plan): string | undefined {
  for (const [index, step] of derived.steps.entries()) {
    const planned = plan.steps[index]
    if (planned?.id !== step.id) return `step \`${step.id}\` is missing or in another place`
    if (!same(doing(planned), doing(step))) return `step \`${step.id}\` is another`
  }
  const more = plan.steps[derived.steps.length]
  if (more) return `step \`${more.id}\` is not in the document`
  return same(terms(plan), terms(floored(derived, plan)))
    ? undefined
    : 'its terms, such as selfApproval or close, are others'
}

function doing({ id, kind, effect, attributes, fences, tasks, outputs }: PlannedStep): object {
  const scripts = fences.map(({ role, lang, flags, code }) => ({ role, lang, flags, code }))
  return { id, kind, effect, attributes, scripts, tasks: tasks.map(({ text }) => text), outputs }
}

/** A configuration may ask for more presence than the document, never for less. */
function floored(derived: Plan, { presence }: Plan): Plan {
  return { ...derived, presence: strongest(derived.presence, presenceFrom(presence)) }
}

function terms({
  concurrency,
  selfApproval,
  close,
  presence = 'none',
  env,
  requires,
  budgetMs,
  lateFails,
}: Plan): object {
  return { concurrency, selfApproval, close, presence, env, requires, budgetMs, lateFails }
}

function guards({ steps, selfApproval, close, presence = 'none' }: Plan): object {
  return { steps: steps.filter(({ kind }) => kind === 'approval').map(doing), selfApproval, close, presence }
}

function same(a: object, b: object): boolean {
  return canonical(a as Json) === canonical(b as Json)
}
