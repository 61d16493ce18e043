import { parseDuration } from '../../../runner/model/values/duration.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { readSeverities, severityNamed } from '../notify/severity-channels.ts'
import { TEMPLATES, fill, readTemplates } from '../notify/message-template.ts'

/** Where the severities are, unless a flag says otherwise. */
export const SEVERITIES = 'content/severities.yaml'

/** The flags for the message. */
export interface WordFlags {
  message?: string | undefined
  template?: string | undefined
  var: [string, string][]
  next?: string | undefined
  templates?: string | undefined
  severities?: string | undefined
}

/** The facts of the incident; templates may use each of these names. */
export interface Facts {
  component: string
  status: string
  id?: string | undefined
  severity?: string | undefined
  from?: string | undefined
  until?: string | undefined
}

/** The message to users, and the promised time of the next one (ISO 8601). */
export interface Words {
  body: string
  next?: string
}

/**
 * The words of an update: the message as it was typed, or a template filled with what is known of the incident.
 * @returns undefined when the flags hold no words
 * @throws {CliError} usage, for a hole in a template or both a message and a template
 */
export function wordsOf(flags: WordFlags, facts: Facts, now: number): Words | undefined {
  if (flags.template === undefined) {
    if (flags.message === undefined || flags.message.trim() === '') return undefined
    return { body: flags.message, ...promised(flags.next, now) }
  }
  if (flags.message !== undefined)
    throw new CliError(
      exit.usage,
      'There are two messages: both --message and --template say what users read',
      'Leave one of them out.',
    )
  const templates = readTemplates(flags.templates ?? TEMPLATES)
  const promises = templates.get(flags.template)?.variables['next'] !== undefined
  const next = promises ? (flags.next ?? cadence(flags, facts)) : undefined
  const defined = Object.entries({ ...facts, next }).filter(([, value]) => value !== undefined)
  const { body } = fill(templates, flags.template, {
    ...(Object.fromEntries(defined) as Record<string, string>),
    ...Object.fromEntries(flags.var),
  })
  return { body, ...promised(next, now) }
}

function cadence({ severities }: WordFlags, { severity }: Facts): string | undefined {
  if (severity === undefined) return undefined
  return severityNamed(severity, readSeverities(severities ?? SEVERITIES)).update
}

function promised(next: string | undefined, now: number): { next?: string } {
  if (next === undefined) return {}
  const ms = parseDuration(next)
  if (ms !== undefined) return { next: new Date(now + ms).toISOString() }
  throw new CliError(
    exit.usage,
    `Unexpected value \`${next}\` for --next: expected a duration`,
    'Such as --next 20m.',
  )
}
