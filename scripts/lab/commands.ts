import { COMMON } from '../lib/args.ts'
import { type Outcome, command } from '../lib/command.ts'
import { Failure, usageFailure } from '../lib/failure.ts'
import { suggestion } from '../lib/suggest.ts'
import { httpUrl, share } from '../lib/values.ts'
import { DEFAULT_RATE } from './admin.ts'
import { askLab, labState } from './client.ts'
import { COLORS, FAULT_KINDS } from './model.ts'
import { statusText } from './report.ts'
import { readSaved } from './state.ts'

/** The folder of the lab unless told otherwise. */
export const DEFAULT_DIR = '.lab'

/** The flag that names it. */
export const DIR = {
  dir: { type: 'string', value: 'DIR', help: `The folder of the lab (default ${DEFAULT_DIR}).` },
} as const

const WHERE = {
  ...DIR,
  lab: { type: 'string', value: 'URL', help: 'Admin address, instead of --dir.' },
  ...COMMON,
} as const

async function findAdmin(values: { dir?: string; lab?: string }): Promise<string> {
  if (values.lab !== undefined) return httpUrl(values.lab, '--lab')
  const dir = values.dir ?? DEFAULT_DIR
  const saved = await readSaved(dir)
  if (saved !== undefined && saved.pid !== null) return saved.adminUrl
  throw new Failure(
    `No lab is running in ${dir}.`,
    saved === undefined ? 'There is no lab.json in it.' : 'It was stopped.',
    'Start it with: node scripts/lab.ts, or name its folder with --dir.',
  )
}

/** `lab.ts status` */
export const status = command({
  summary: 'prints what the running lab is doing.',
  options: WHERE,
  async run(values): Promise<Outcome> {
    const state = await labState(await findAdmin(values))
    return { document: state, text: statusText(state) }
  },
})

/** `lab.ts fault KIND` */
export const fault = command({
  summary: `makes a color misbehave: ${FAULT_KINDS.join(', ')} (none ends it).`,
  positionals: ['KIND'],
  options: {
    color: { type: 'string', value: 'COLOR', help: 'blue or green (default green; with none: both).' },
    rate: {
      type: 'string',
      value: 'SHARE',
      help: `Share of requests for errors and latency (default ${DEFAULT_RATE * 100}%).`,
    },
    ...WHERE,
  } as const,
  examples: ['node scripts/lab.ts fault errors --rate 5%', 'node scripts/lab.ts fault none'],
  async run(values, [kind = '']): Promise<Outcome> {
    if (!FAULT_KINDS.some((known) => known === kind))
      throw usageFailure(
        `Unknown fault "${kind}".`,
        'The lab cannot inject it.',
        suggestion(kind, FAULT_KINDS),
      )
    const color = values.color ?? (kind === 'none' ? undefined : 'green')
    if (color !== undefined && !COLORS.some((known) => known === color))
      throw usageFailure(`Unknown color "${color}".`, 'The lab has two colors.', suggestion(color, COLORS))
    const rate = values.rate === undefined ? {} : { rate: share(values.rate, '--rate') }
    const admin = await findAdmin(values)
    await askLab(admin, 'POST', '/fault', { kind, ...(color === undefined ? {} : { color }), ...rate })
    const state = await labState(admin)
    return { document: state, text: statusText(state) }
  },
})

/** `lab.ts reset` */
export const reset = command({
  summary:
    'brings the lab back to its first state: no faults, blue on 1.3.0 with all traffic, green stopped.',
  options: {
    storefront: {
      type: 'boolean',
      help: 'Also make the product repository anew; its later commits and tags are lost.',
    },
    ...WHERE,
  } as const,
  async run(values): Promise<Outcome> {
    const admin = await findAdmin(values)
    await askLab(admin, 'POST', '/reset', { storefront: values.storefront ?? false })
    const state = await labState(admin)
    return { document: state, text: statusText(state) }
  },
})
