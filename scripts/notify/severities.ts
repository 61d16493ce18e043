import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseDuration } from '../../runner/model/duration.ts'
import { impacts } from '../../runner/status/incident.ts'
import { Failure, messageOf, usageFailure } from '../lib/failure.ts'
import { suggestion } from '../lib/suggest.ts'

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
})

const channelSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('pagerduty'), key: z.string() }),
  z.strictObject({ type: z.literal('slack'), url: z.string() }),
  z.strictObject({ type: z.literal('webhook'), url: z.string() }),
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

/** The severities of the preset that counts, and where messages go. @throws {Failure} */
export function readSeverities(file: string, preset?: string): Severities {
  try {
    const written = fileSchema.parse(parse(readFileSync(file, 'utf8')))
    const name = preset ?? written.preset
    const severities = written.presets[name]
    if (severities === undefined) throw new TypeError(`There is no preset ${name}`)
    const stray = severities
      .flatMap(({ notify }) => notify)
      .find((channel) => !Object.hasOwn(written.channels, channel))
    if (stray !== undefined) throw new TypeError(`There is no channel ${stray}`)
    return { severities, channels: written.channels }
  } catch (error) {
    throw new Failure(`${file} cannot be used.`, messageOf(error).slice(0, 300), 'Correct it.')
  }
}

/** @throws {Failure} usage */
export function severityNamed(id: string, { severities }: Severities): Severity {
  const found = severities.find((severity) => severity.id === id)
  if (found !== undefined) return found
  const ids = severities.map((severity) => severity.id)
  throw usageFailure(`Unknown severity "${id}".`, 'It is not in the file.', suggestion(id, ids))
}

const personSchema = z.looseObject({
  id: z.string().optional(),
  email: z.string().optional(),
  roles: z.array(z.string()).default([]),
})

/** Addresses of the people who have a role. The file lists people, or names them: `people: { ann: { email, roles } }`. */
export function addressesOf(role: string, file: string): string[] {
  if (!existsSync(file)) return []
  const written: unknown = parse(readFileSync(file, 'utf8'))
  const { people = [] } = z
    .looseObject({ people: z.union([z.array(personSchema), z.record(z.string(), personSchema)]).optional() })
    .parse(written ?? {})
  const list = Array.isArray(people)
    ? people
    : Object.entries(people).map(([id, person]) => ({ id, ...person }))
  return list
    .filter(({ roles }) => roles.includes(role))
    .map(({ email, id }) => email ?? id ?? '')
    .filter((address) => address.includes('@'))
}
