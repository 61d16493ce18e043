import * as z from 'zod'
import { stepStatuses } from '../../journal/fold.ts'
import { parseDuration } from '../../model/values/duration.ts'
import { isZone } from '../world/zone.ts'
import { looks } from './looks.ts'
import { phrase } from './phrase.ts'

const text = z.string()
const texts = z.record(z.string(), z.string())
/** Ids of steps in order, as a list or as words. */
const stepIds = z
  .union([z.array(z.string()), z.string()])
  .transform((ids) => (Array.isArray(ids) ? ids : ids.split(/[\s,]+/).filter((id) => id !== '')))
const lines = z.union([text, z.array(text)]).transform((one) => (Array.isArray(one) ? one : [one]))
const exitCode = z.int().min(0).max(255)

const milliseconds = z.string().transform((source, context) => {
  const ms = parseDuration(source)
  if (ms !== undefined) return ms
  context.addIssue({
    code: 'custom',
    message: `Unexpected duration \`${source}\`, expected one such as \`90s\` or \`2h\``,
  })
  return z.NEVER
})

const moment = z.iso.datetime({ offset: true })

/** The outcome of one attempt of a step. */
const attemptShape = {
  exit: exitCode.optional().describe('Exit code of the script. Default: 0.'),
  outputs: texts.optional().describe('The values it writes. Default: each output has its own name as value.'),
  stdout: text.optional().describe('Its output. Default: nothing.'),
  takes: milliseconds.optional().describe('How long it takes, such as 90s. Default: no time.'),
  effect: z
    .boolean()
    .optional()
    .describe('Whether it takes effect, whatever its exit code. Default: with exit code 0 only.'),
  status: z
    .int()
    .min(100)
    .max(599)
    .optional()
    .describe('Status code of the answer. Default: the expected one.'),
  headers: texts.optional().describe('Headers of the answer, in lower case.'),
  json: z.json().optional().describe('Body of the answer, or output of the script, as JSON.'),
  text: text.optional().describe('Body of the answer as text.'),
  error: text.optional().describe('Why the request could not be sent.'),
  unanswered: text.optional().describe('Why the request was sent and has no answer.'),
  includes: z
    .strictObject({
      ends: z.enum(['passed', 'failed', 'breached', 'inconclusive', 'waiting']).default('passed'),
      outputs: texts.default({}),
      says: text.default('as the scenario says'),
      scenario: text
        .optional()
        .describe(
          'The name of a scenario of the included runbook, which is played with the inputs of this step.',
        ),
    })
    .optional()
    .describe('How the included run ends, in words or by a scenario of its runbook. Default: passed.'),
}
const attempt = z.strictObject(attemptShape)

const approvals = z.union([phrase('approved', 'rejected'), z.array(phrase('approved', 'rejected'))])
const task = phrase('done', 'not-applicable')

const answerObject = z.strictObject({
  ...attemptShape,
  held: z
    .union([z.boolean(), texts])
    .optional()
    .describe(
      'Whether its effect is there before the run, perhaps with the outputs of `done`. Default: false.',
    ),
  done: exitCode.optional().describe('Exit code of the `done` fence, whatever the world says.'),
  undo: z
    .strictObject({ exit: exitCode.default(0), takes: milliseconds.default(0) })
    .optional()
    .describe('The end of its undo. Default: exit code 0.'),
  looks: z
    .union([looks, z.record(z.string(), looks)])
    .optional()
    .describe('The looks of a gate, for all metrics or by name: `good x2, 5%`. Default: good.'),
  go: phrase('run', 'skip', 'stop').optional().describe('The answer to “Run it?”. Default: run.'),
  confirm: phrase('confirmed', 'stop')
    .optional()
    .describe('The answer to a word to type. Default: confirmed.'),
  resolve: phrase('done', 'again', 'undo', 'stop')
    .optional()
    .describe('The decision on an attempt whose outcome is unknown. Default: nobody.'),
  decide: z
    .union([
      phrase('extend', 'accept', 'stop', 'rollback'),
      z.array(phrase('extend', 'accept', 'stop', 'rollback')),
    ])
    .optional()
    .describe('The decisions on a gate that is inconclusive, one each time. Default: nobody.'),
  approvals: approvals
    .optional()
    .describe('Decisions in turn: `approved by bob@example.com`. Default: nobody.'),
  tasks: z
    .union([task, z.array(task)])
    .optional()
    .describe('For all tasks, or one each. Default: done.'),
  fields: texts.optional().describe('Values of the fields that are asked. Default: those of the step.'),
})

const stepAnswer = z
  .union([
    phrase('approved', 'rejected'),
    z.array(phrase('approved', 'rejected')),
    z.array(attempt).min(1),
    answerObject,
  ])
  .transform((source) => normal(source))
  .describe('How the world answers for this step.')

type Attempt = z.output<typeof attempt>
export type AttemptAnswer = Attempt
type Rest = Omit<z.output<typeof answerObject>, keyof Attempt>

/** All answers for one step. `attempts` in turn, the last goes on. */
export interface StepAnswer extends Rest {
  attempts: Attempt[]
}

function normal(source: unknown): StepAnswer {
  if (Array.isArray(source))
    return source.some((one) => 'verb' in (one as object))
      ? { attempts: [], approvals: source as StepAnswer['approvals'] }
      : { attempts: source as Attempt[] }
  if ('verb' in (source as object)) return { attempts: [], approvals: source as StepAnswer['approvals'] }
  const own: Record<string, unknown> = {}
  const rest: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(source as object))
    (name in attemptShape ? own : rest)[name] = value
  return { ...(rest as Rest), attempts: Object.keys(own).length > 0 ? [own] : [] }
}

const steps = z.record(z.string(), stepAnswer)

const dies = z
  .strictObject({
    in: text.optional().describe('While this step runs, waits or asks.'),
    undo: text.optional().describe('While the undo of this step runs.'),
    look: z.int().min(1).optional().describe('For a gate: at which look. Default: 1.'),
    effect: z.boolean().default(false).describe('Whether the step took effect before. Default: false.'),
    finishes: z
      .boolean()
      .default(false)
      .describe('Whether its script goes on without the runner and finishes. Default: false.'),
    with: z
      .enum(['runner', 'machine', 'host'])
      .default('runner')
      .describe('`machine`: it restarts. `host`: the run is resumed on another one. Default: runner.'),
  })
  .refine((one) => (one.in === undefined) !== (one.undo === undefined), 'Expected one of `in` and `undo`')
  .describe('Where the runner dies.')

export type Dies = z.output<typeof dies>

export const endings = [
  'succeeded',
  'failed',
  'stopped',
  'rolled-back',
  'rollback-failed',
  'waiting',
  'died',
  'refused',
] as const
export type Ending = (typeof endings)[number]

const endExpectations = {
  ends: z.enum(endings).optional().describe('How it ends.'),
  at: text.optional().describe('The step that decides it.'),
  says: lines.optional().describe('Texts that the message at the end contains.'),
}

const life = z.strictObject({
  how: z
    .enum(['resume', 'rollback'])
    .default('resume')
    .describe('How the run goes on. The first life starts it.'),
  by: text.optional().describe('Who drives it. Default: the runner.'),
  after: milliseconds.default(0).describe('Time since the life before. Default: none.'),
  present: z.boolean().optional(),
  steps: steps.default({}).describe('Answers of this life.'),
  dies: dies.optional(),
  ...endExpectations,
})

export type Life = z.output<typeof life>

const expectation = z.strictObject({
  ...endExpectations,
  did: stepIds.optional().describe('Steps that took effect, in order.'),
  undone: stepIds.optional().describe('Steps whose undo passed, in order.'),
  leaves: stepIds.optional().describe('Steps whose effect is there at the end.'),
  skipped: stepIds.optional().describe('Steps that were skipped, in order.'),
  ran: stepIds.optional().describe('Steps that ended, in order, without those that were skipped.'),
  asked: z
    .array(text)
    .optional()
    .describe('Questions in order, such as `approval go`; “Run it?” is not one of them.'),
  decided: z.array(text).optional().describe('Texts in the decisions of the run, such as `go: Approved`.'),
  refused: stepIds.optional().describe('Approvals whose decision was refused, in order.'),
  steps: z.record(z.string(), z.enum(stepStatuses)).optional().describe('How these steps stand.'),
  outputs: texts.optional().describe('These outputs of the run.'),
  attempts: z.record(z.string(), z.int().min(0)).optional().describe('How often these steps were tried.'),
  took: z
    .string()
    .regex(/^[<>]?\s*\d\w*$/, 'Expected a duration such as `2m`, `<10m` or `>1h`')
    .optional()
    .describe('How long the run took: `2m` exactly, `<10m` or `>1h`.'),
  prints: lines.optional().describe('Texts in the log of the run.'),
  never: lines.optional().describe('Texts that are not in the log of the run.'),
})

const situation = {
  inputs: texts.default({}).describe('Values of the inputs. A secret is made up.'),
  runner: text.optional().describe('Who runs it. Default: runner@example.com.'),
  present: z.boolean().optional().describe('Whether a person is at the terminal. Default: true.'),
  clock: moment.optional().describe('When it begins. Default: 2026-01-05T09:00:00Z.'),
  zone: z
    .string()
    .refine(isZone, 'Expected a time zone such as `Europe/Berlin`')
    .optional()
    .describe('The time zone of the machine, for a wait until a time of day. Default: UTC.'),
  steps: steps.default({}).describe('How the world answers, by step.'),
}

const scenario = z.strictObject({
  name: text.min(1).describe('A sentence: what happens.'),
  ...situation,
  dies: dies.optional().describe('Where the runner dies; the run is then resumed.'),
  lives: z.array(life).min(1).optional().describe('The start, and each resume.'),
  expect: expectation.default({}).describe('The expected course.'),
})

export type Scenario = z.output<typeof scenario>

/** A file of scenarios beside its runbook. */
export const scenarioFileSchema = z
  .strictObject({ ...situation, scenarios: z.array(scenario).min(1).describe('The scenarios, in order.') })
  .describe('Scenarios of a runbook: how the world answers, and what must follow.')

export type ScenarioFile = z.output<typeof scenarioFileSchema>

/** Every field that a file of scenarios may have somewhere. */
export const fieldNames: readonly string[] = [
  ...new Set(
    [scenarioFileSchema, scenario, life, expectation, answerObject, dies].flatMap(({ shape }) =>
      Object.keys(shape),
    ),
  ),
]
