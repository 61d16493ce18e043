import * as z from 'zod'
import { parseDuration } from '../model/values/duration.ts'
import { checked } from './checked.ts'
import { unusableFile } from './unusable-file.ts'
import { impacts } from './incident-file.ts'
import { textOf } from '../regular-file.ts'

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'Expected a duration such as 20m')

const severitySchema = z.strictObject({
  id: z.string().min(1),
  summary: z.string(),
  respond: duration,
  resolve: duration.optional(),
  update: duration,
  impact: z.enum(impacts),
  postmortem: z.enum(['required', 'optional']),
  escalate: z.array(z.strictObject({ after: duration, role: z.string() })),
  notify: z.array(z.string()),
  /** Where the team talks; `{day}` is the day of the incident, such as 20261121. */
  channel: z.string().optional(),
})

const channelSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('pagerduty'), key: z.string() }),
  z.strictObject({ type: z.literal('slack'), url: z.string() }),
  z.strictObject({ type: z.literal('webhook'), url: z.string() }),
  z.strictObject({ type: z.literal('toast'), url: z.string() }),
  z.strictObject({ type: z.literal('email'), role: z.string(), template: z.string().optional() }),
])

const fileSchema = z.strictObject({
  preset: z.string(),
  presets: z.record(z.string(), z.array(severitySchema).min(1)),
  channels: z.record(z.string(), channelSchema),
})

export type Severity = z.output<typeof severitySchema>
export type Channel = z.output<typeof channelSchema>

export interface Severities {
  severities: Severity[]
  channels: Record<string, Channel>
}

/** The name of the channel of an incident; undefined where its severity has none. */
export function channelOf({ channel }: Severity, startedAt: string): string | undefined {
  return channel?.replaceAll('{day}', startedAt.slice(0, 10).replaceAll('-', ''))
}

/** The severities of a preset, by default the one the file says, and where messages go. @throws {ProblemError} */
export function parseSeverities(file: string, preset?: string): Severities {
  const content = checked(fileSchema, textOf(file), file)
  const name = preset ?? content.preset
  const severities = content.presets[name]
  if (severities === undefined) throw unusableFile(`${file}: There is no preset \`${name}\``)
  const named = severities.flatMap(({ notify }) => notify)
  const stray = named.find((channel) => !Object.hasOwn(content.channels, channel))
  if (stray !== undefined) throw unusableFile(`${file}: There is no channel \`${stray}\``)
  return { severities, channels: content.channels }
}
