import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'
import { parseDuration } from '../../runner/model/duration.ts'
import { Failure, messageOf, usageFailure } from '../lib/failure.ts'
import { suggestion } from '../lib/suggest.ts'

const types = ['text', 'duration', 'time', 'url', 'version'] as const
type Type = (typeof types)[number]

const templateSchema = z.strictObject({
  variables: z.record(z.string(), z.enum(types)),
  max: z.int().positive().optional(),
  subject: z.string().optional(),
  body: z.string().min(1),
})

type Template = z.output<typeof templateSchema>

export interface Message {
  subject: string
  body: string
}

/** Where the texts are, unless a flag says otherwise. */
export const TEMPLATES = 'content/status/templates.yaml'

/** The values of `--var name=value`. @throws {Failure} usage */
export function variablesOf(given: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=')
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
      throw usageFailure(
        `Unexpected value "${text}" for --var.`,
        'Expected name=value.',
        'Write --var component=API.',
      )
    }),
  )
}

const HOLE = /\{\{\s*(\w+)\s*\}\}/g

const fits: Record<Type, (value: string) => boolean> = {
  text: (value) => value.trim() !== '' && !/\b(TODO|TBD|XXX)\b|\[[A-Z][a-z ]+\]|\{\{/.test(value),
  duration: (value) => parseDuration(value) !== undefined,
  time: (value) => !Number.isNaN(Date.parse(value)),
  url: (value) => /^https?:\/\/\S+$/.test(value),
  version: (value) => /^v?\d+\.\d+\.\d+\S*$/.test(value),
}

/** The templates of a file. @throws {Failure} for one that uses a variable it does not declare */
export function readTemplates(file: string): Map<string, Template> {
  let templates: Record<string, Template>
  try {
    templates = z.record(z.string(), templateSchema).parse(parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new Failure(`${file} cannot be used.`, messageOf(error).slice(0, 300), 'Correct it.')
  }
  for (const [name, { subject = '', body, variables }] of Object.entries(templates)) {
    const stray = [...`${subject}${body}`.matchAll(HOLE)].find(
      ([, variable]) => !Object.hasOwn(variables, variable ?? ''),
    )
    if (stray !== undefined)
      throw new Failure(
        `The template ${name} uses ${stray[0]}.`,
        'It does not declare it.',
        `Add it to its variables in ${file}.`,
      )
  }
  return new Map(Object.entries(templates))
}

/** The text with every hole filled. @throws {Failure} usage, naming every value that is missing or of another type */
export function fill(
  templates: Map<string, Template>,
  name: string,
  values: Record<string, string>,
): Message {
  const template = templates.get(name)
  if (template === undefined)
    throw usageFailure(
      `Unknown template "${name}".`,
      'It is not in the file.',
      suggestion(name, [...templates.keys()]),
    )
  const wrong = Object.entries(template.variables).filter(([key, type]) => !fits[type](values[key] ?? ''))
  if (wrong.length > 0)
    throw usageFailure(
      `The template ${name} would be sent with a hole.`,
      wrong
        .map(
          ([key, type]) =>
            `${key} is ${values[key] === undefined ? 'missing' : `no ${type}: "${values[key]}"`}`,
        )
        .join('; '),
      wrong.map(([key]) => `--var ${key}=…`).join(' '),
    )
  const put = (text: string): string =>
    text.replaceAll(HOLE, (_, key: string) => shown(values[key] ?? '', template.variables[key])).trim()
  const body = put(template.body)
  if (template.max !== undefined && body.length > template.max)
    throw usageFailure(
      `The message has ${body.length} characters.`,
      `${name} takes ${template.max}: people read it on a phone.`,
      'Say it shorter.',
    )
  return { subject: put(template.subject ?? body.split('\n')[0] ?? name), body }
}

/** A value as people read it; machines write times, people read them. */
function shown(value: string, type: Type | undefined): string {
  if (type !== 'time') return value
  return `${new Date(value).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
