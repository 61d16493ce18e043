import { defineCommand, flag, optional, required, withDefault } from '../../runner/kit/command.ts'
import type { CommandReport, Values } from '../../runner/kit/command.ts'
import { choice, filePath, httpUrl, share } from '../../runner/kit/types.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { DEFAULT_RATE } from './admin/admin.ts'
import { askLab, labState } from './admin/admin-client.ts'
import { COLORS, FAULT_KINDS } from './lab-model.ts'
import { statusText } from './lab-report.ts'
import { readSaved } from './state.ts'

/** The folder of the lab unless told otherwise. */
const DEFAULT_DIR = '.lab'

/** The flag that names it. */
export const DIR = {
  dir: withDefault(filePath('folder'), DEFAULT_DIR, 'The folder of the lab.'),
}

const WHERE = {
  ...DIR,
  lab: optional(httpUrl, 'Admin address, instead of --dir.'),
}

async function findAdmin({ dir, lab }: Values<typeof WHERE>): Promise<string> {
  if (lab !== undefined) return lab
  const saved = await readSaved(dir)
  if (saved !== undefined && saved.pid !== null) return saved.adminUrl
  throw new CliError(
    exit.failed,
    `No lab is running in ${dir}: ${saved === undefined ? 'there is no lab.json in it' : 'it was stopped'}`,
    'Start it with: runbook lab, or name its folder with --dir.',
  )
}

/** `lab.ts status` */
export const status = defineCommand({
  name: 'status',
  summary: 'Print what the running lab is doing.',
  args: {},
  options: WHERE,
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const state = await labState(await findAdmin(options))
    return { document: state, text: statusText(state) }
  },
})

/** `lab.ts fault KIND` */
export const fault = defineCommand({
  name: 'fault',
  summary: `Make a color misbehave: ${FAULT_KINDS.join(', ')} (none ends it).`,
  args: { kind: required(choice(FAULT_KINDS), '', { form: 'kind' }) },
  options: {
    color: optional(choice(COLORS), 'Default: green; with none: both.'),
    rate: optional(share, `Share of requests for errors and latency. Default: ${DEFAULT_RATE * 100}%.`),
    ...WHERE,
  },
  effect: 'write',
  noDryRun: 'It changes the lab, which is there to be changed.',
  examples: ['runbook lab fault errors --rate 5%', 'runbook lab fault none'],
  async run({ args: { kind }, options }): Promise<CommandReport> {
    const color = options.color ?? (kind === 'none' ? undefined : 'green')
    const rate = options.rate === undefined ? {} : { rate: options.rate }
    const admin = await findAdmin(options)
    await askLab(admin, 'POST', '/fault', { kind, ...(color === undefined ? {} : { color }), ...rate })
    const state = await labState(admin)
    return { document: state, text: statusText(state) }
  },
})

/** `lab.ts reset` */
export const reset = defineCommand({
  name: 'reset',
  summary: 'Reset the lab to its first state: no faults, blue on 1.3.0 with all traffic, green stopped.',
  args: {},
  options: {
    storefront: flag('Also make the product repository anew; its later commits and tags are lost.'),
    ...WHERE,
  },
  effect: 'write',
  noDryRun: 'It changes the lab, which is there to be changed.',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const admin = await findAdmin(options)
    await askLab(admin, 'POST', '/reset', { storefront: options.storefront })
    const state = await labState(admin)
    return { document: state, text: statusText(state) }
  },
})
