import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { parseYaml } from '../../../runner/model/text/yaml.ts'
import { parseDuration } from '../../../runner/model/values/duration.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { messageOf } from '../../lib/errors.ts'
import { suggestion } from '../../../runner/model/suggest.ts'

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

const HOLE = /\{\{\s*(\w+)\s*\}\}/g

const fits: Record<Type, (value: string) => boolean> = {
  text: (value) => value.trim() !== '' && !/\b(TODO|TBD|XXX)\b|\[[A-Z][a-z ]+\]|\{\{/.test(value),
  duration: (value) => parseDuration(value) !== undefined,
  time: (value) => !Number.isNaN(Date.parse(value)),
  url: (value) => /^https?:\/\/\S+$/.test(value),
  version: (value) => /^v?\d+\.\d+\.\d+\S*$/.test(value),
}

/** The templates of a file. @throws {CliError} for one that uses a variable it does not declare */
export function readTemplates(file: string): Map<string, Template> {
  let templates: Record<string, Template>
  try {
    templates = z.record(z.string(), templateSchema).parse(parseYaml(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new CliError(exit.failed, `${file} cannot be used: ${messageOf(error)}`, 'Correct it.')
  }
  for (const [name, { subject = '', body, variables }] of Object.entries(templates)) {
    const stray = [...`${subject}${body}`.matchAll(HOLE)].find(
      ([, variable]) => !Object.hasOwn(variables, variable ?? ''),
    )
    if (stray !== undefined)
      throw new CliError(
        exit.failed,
        `The template ${name} uses ${stray[0]}: it does not declare it`,
        `Add it to its variables in ${file}.`,
      )
  }
  return new Map(Object.entries(templates))
}

/** The text with every hole filled. @throws {CliError} usage, naming every value that is missing or of another type */
export function fill(
  templates: Map<string, Template>,
  name: string,
  values: Record<string, string>,
): Message {
  const template = templates.get(name)
  if (template === undefined)
    throw new CliError(
      exit.usage,
      `Unknown template \`${name}\`: it is not in the file`,
      suggestion(name, [...templates.keys()]),
    )
  const wrong = Object.entries(template.variables).filter(([key, type]) => !fits[type](values[key] ?? ''))
  if (wrong.length > 0)
    throw new CliError(
      exit.usage,
      `The template ${name} would be sent with a hole: ${wrong
        .map(
          ([key, type]) =>
            `${key} is ${values[key] === undefined ? 'missing' : `no ${type}: "${values[key]}"`}`,
        )
        .join('; ')}`,
      wrong.map(([key]) => `--var ${key}=…`).join(' '),
    )
  const put = (text: string): string =>
    text.replaceAll(HOLE, (_, key: string) => shown(values[key] ?? '', template.variables[key])).trim()
  const body = put(template.body)
  if (template.max !== undefined && body.length > template.max)
    throw new CliError(
      exit.usage,
      `The message has ${body.length} characters: ${name} takes ${template.max}: people read it on a phone`,
      'Say it shorter.',
    )
  return { subject: put(template.subject ?? body.split('\n')[0] ?? name), body }
}

/** A value as people read it; machines write times, people read them. */
function shown(value: string, type: Type | undefined): string {
  if (type !== 'time') return value
  return `${new Date(value).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
