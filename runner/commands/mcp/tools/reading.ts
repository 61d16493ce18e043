import { resolve } from 'node:path'
import * as z from 'zod'
import { preflight } from '../../../engine/plan/preflight.ts'
import { stepNamed } from '../../../engine/plan/selection.ts'
import { listEntries, readEntry } from '../../../library.ts'
import { agentMayWrite } from '../../../model/people/agents.ts'
import type { Plan, PlannedStep } from '../../../model/plan.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import { digestOf } from '../../exec/planned-run.ts'
import { planFor } from '../../shared/plan/plan-for.ts'
import { checkEntries } from '../../shared/check-entries.ts'
import { openRunbook, unknownRunbook } from '../../shared/workspace.ts'
import type { Desk } from '../desk.ts'
import { defineTool } from './tool.ts'
import type { Tool } from './tool.ts'

/** The name of a runbook in the library. A path is refused: an agent reads the library and nothing beside it. */
export const runbook = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\w][\w./-]*$/)
  .describe('The slug of a runbook, as `list_runbooks` gives it.')
export const inputs = z
  .record(z.string().max(100), z.string().max(8000))
  .default({})
  .describe('Values of inputs by name. Secrets are not taken from an agent.')

function entryNamed({ config, io, sees }: Desk, slug: string) {
  const entry = listEntries(config.content).find((one) => one.slug === slug.toLowerCase())
  if (!entry || !sees(entry.slug)) throw unknownRunbook(config, slug, io)
  return entry
}

const listRunbooks = defineTool({
  name: 'list_runbooks',
  title: 'List the runbooks',
  description: 'Lists the runbooks of this workspace with what each is for.',
  input: z.strictObject({}),
  reads: true,
  async run(_, { config, sees }) {
    const seen = listEntries(config.content).filter(({ slug }) => sees(slug))
    const entries = await Promise.all(
      seen.map(async (entry) => {
        const { runbook: read } = await readEntry(entry, config.root, config.kinds)
        const { title, description, owner, services } = read?.meta ?? {}
        const steps = read?.steps.length
        return { slug: entry.slug, title, description, owner, services, steps, valid: read !== undefined }
      }),
    )
    return { runbooks: entries }
  },
})

const readRunbook = defineTool({
  name: 'read_runbook',
  title: 'Read a runbook',
  description: 'Answers the text of a runbook, its inputs and its steps.',
  input: z.strictObject({ runbook }),
  reads: true,
  async run({ runbook: slug }, desk) {
    const { path } = entryNamed(desk, slug)
    const { runbook: read, document } = await openRunbook(desk.config, path, desk.io)
    const { title, description, inputs: specs = {} } = read.meta
    return {
      slug: read.slug,
      title,
      description,
      inputs: Object.entries(specs).map(([name, { type, description: about }]) => ({ name, type, about })),
      steps: read.steps.map(({ id, kind, title: what }) => ({ id, kind, title: what })),
      text: document.toString('utf8'),
    }
  },
})

const readStep = defineTool({
  name: 'read_step',
  title: 'Read a step',
  description: 'Answers one step of a runbook: its words, its tasks and its scripts.',
  input: z.strictObject({ runbook, step: z.string().min(1).max(200) }),
  reads: true,
  async run({ runbook: slug, step: id }, desk) {
    const { runbook: read } = await openRunbook(desk.config, entryNamed(desk, slug).path, desk.io)
    const { number, kind, title, phase, prose, tasks, fences } = stepNamed(read, id)
    return {
      number,
      id,
      kind,
      title,
      phase,
      prose,
      tasks: tasks.map(({ text }) => text),
      scripts: fences.map(({ role, lang, code }) => ({ role, lang, code })),
    }
  },
})

const check = defineTool({
  name: 'check',
  title: 'Check a runbook',
  description: 'Answers the findings of `runbook check` for one runbook.',
  input: z.strictObject({ runbook }),
  reads: true,
  async run({ runbook: slug }, desk) {
    const { config, io } = desk
    const entry = entryNamed(desk, slug)
    const checked = await checkEntries(config, [entry], { ...io, cwd: config.root, quiet: true })
    // The list of people has findings too, which are not for an agent.
    const findings = checked.findings.filter(({ place }) => resolve(config.root, place.file) === entry.path)
    return {
      findings: findings.map(({ code, severity, message, hint, place }) => ({
        code,
        severity,
        message,
        hint,
        line: place.line,
      })),
    }
  },
})

/** The plan of a call by an agent. */
export async function planOf(
  desk: Desk,
  slug: string,
  given: Readonly<Record<string, string>>,
): Promise<Plan> {
  const { config, io } = desk
  const { runbook: read } = await openRunbook(config, entryNamed(desk, slug).path, io)
  const secret = Object.keys(given).find((name) => read.meta.inputs?.[name]?.type === 'secret')
  if (secret !== undefined)
    throw new CliError(
      exit.usage,
      `Input \`${secret}\` is a secret, which is not taken from an agent`,
      `Set RUNBOOK_INPUT_${secret.toUpperCase()} where the server starts.`,
    )
  return (await planFor(config, read, [], io, given)).plan
}

const plan = defineTool({
  name: 'plan',
  title: 'Plan a run',
  description:
    'Shows what a run would do: each command, which steps write, and where it waits for whom. Starts nothing. `exec` needs the digest.',
  input: z.strictObject({ runbook, inputs }),
  reads: true,
  async run({ runbook: slug, inputs: given }, desk) {
    const made = await planOf(desk, slug, given)
    const requirements = await preflight(made, desk.io.cwd, desk.io.env)
    return {
      digest: digestOf(made),
      slug: made.slug,
      title: made.title,
      inputs: made.inputs,
      secrets: made.secrets,
      steps: made.steps.map((step) => plannedStep(step, made, desk)),
      missing: requirements
        .filter(({ ok }) => !ok)
        .map(({ what, found, remedy }) => ({ what, found, remedy })),
    }
  },
})

function plannedStep(step: PlannedStep, made: Plan, { allowWrite }: Desk): object {
  const { id, kind, title, effect, fences, tasks, attributes } = step
  const isOpen = allowWrite && agentMayWrite(made, id)
  const approvers = kind === 'approval' ? String(attributes['approvers'] ?? '') : undefined
  return {
    id,
    kind,
    title,
    writes: effect === 'write',
    waitsFor:
      kind === 'approval' || kind === 'checklist' || kind === 'ask' || attributes['confirm'] !== undefined
        ? 'a person'
        : effect === 'write' && !isOpen
          ? 'a person who lets it run'
          : undefined,
    approvers,
    tasks: tasks.map(({ text }) => text),
    commands: fences.map(({ role, lang, code }) => ({ role, lang, code })),
  }
}

export const readingTools: readonly Tool[] = [listRunbooks, readRunbook, readStep, check, plan]
