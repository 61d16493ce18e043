import { isMap, isNode, isScalar, LineCounter, visit } from 'yaml'
import type { Document } from 'yaml'
import type * as z from 'zod'
import { diagnostic } from '../../model/diagnostic.ts'
import type { Diagnostic, Place } from '../../model/diagnostic.ts'
import { suggest } from '../../model/suggest.ts'
import { readYaml, valueOf } from '../../model/text/yaml.ts'
import { scalarsAsText } from '../../model/values/yaml-text.ts'
import { fieldNames, scenarioFileSchema } from './scenario-schema.ts'
import type { ScenarioFile } from './scenario-schema.ts'
import { placesIn } from './yaml-places.ts'
import type { PlaceOf } from './yaml-places.ts'

/** The end of the name of a file of scenarios, which begins as that of its runbook. */
export const scenarioSuffix = '.scenarios.yaml'

/** The file of scenarios of a document. */
export function scenarioPath(path: string): string {
  return path.replace(/\.mdx?$/i, scenarioSuffix)
}

/** Longest file that is read, in characters. */
const mostCharacters = 1_048_576

export interface ReadScenarios {
  file: ScenarioFile
  placeOf: PlaceOf
}

/** Reads a file of scenarios, or says where it is wrong. `name` is the file as findings show it. */
export function readScenarios(text: string, name: string): ReadScenarios | Diagnostic[] {
  const start: Place = { file: name, line: 1, column: 1 }
  const invalid = (place: Place, message: string, hint = 'See `runbook schema scenarios`.'): Diagnostic =>
    diagnostic('invalid-scenario', place, message, { hint })
  if (text.length > mostCharacters)
    return [
      invalid(
        start,
        `Unexpected file of ${text.length} characters, expected at most ${mostCharacters}`,
        'Split it.',
      ),
    ]
  const counter = new LineCounter()
  const parsed = parse(text, counter)
  if (typeof parsed === 'string') return [invalid(start, parsed)]
  const [error] = parsed.document.errors
  if (error) {
    const { line, col } = counter.linePos(error.pos[0])
    return [invalid({ file: name, line, column: col }, firstLine(error.message), 'Write it as YAML.')]
  }
  const placeOf = placesIn(parsed.document, counter, name)
  // A compiled parser is faster only from the second file on.
  const read = scenarioFileSchema.safeParse(parsed.value, { jitless: true })
  if (read.success) return { file: read.data, placeOf }
  return read.error.issues.flatMap(specific).map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
    const path = unknown === undefined ? issue.path : [...issue.path, unknown]
    const where = issue.path.length > 0 ? `\`${issue.path.join('.')}\`: ` : ''
    if (unknown === undefined) return invalid(placeOf(path), `${where}${issue.message}`)
    return invalid(placeOf(path), `${where}Unexpected field \`${unknown}\``, nearField(unknown))
  })
}

/** The fields of a file that `readScenarios` accepts, as they are written. */
export function fieldsIn(text: string): Record<string, unknown> {
  const parsed = parse(text, new LineCounter())
  return typeof parsed === 'string' ? {} : ((parsed.value ?? {}) as Record<string, unknown>)
}

/** Values for a document or a script keep their exact text: `1.10` is not 1.1. */
const textMaps = new Set(['inputs', 'outputs', 'fields', 'headers', 'held'])
const textValues = new Set(['stdout', 'text', 'says', 'took', 'takes', 'after', 'error', 'unanswered'])

function parse(text: string, lineCounter: LineCounter): { document: Document; value: unknown } | string {
  try {
    const document = readYaml(text, { lineCounter, prettyErrors: false })
    if (document.errors.length > 0) return { document, value: undefined }
    visit(document, {
      Pair(_, { key, value }) {
        if (!isScalar(key) || !isNode(value)) return
        const name = String(key.value)
        if (textValues.has(name) || (textMaps.has(name) && isMap(value))) scalarsAsText(value)
      },
    })
    return { document, value: valueOf(document) }
  } catch (error) {
    return `The file cannot be read: ${firstLine((error as Error).message)}`
  }
}

/** The issues of the form that was meant: the one whose problem lies deepest. */
function specific(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const forms = issue.errors.map((errors) => errors.flatMap(specific))
  const meant = forms.toSorted((a, b) => depthOf(b) - depthOf(a))[0] ?? []
  if (meant.length === 0) return [issue]
  return meant.map((one) => ({ ...one, path: [...issue.path, ...one.path] }))
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(
    ...issues.map(
      ({ path, code }) => path.length * 2 + (code === 'invalid_type' && path.length === 0 ? 0 : 1),
    ),
    0,
  )
}

function nearField(name: string): string {
  const near = suggest(
    name,
    // A field of another place has this name.
    fieldNames.filter((field) => field !== name),
  )
  return near ? `Did you mean \`${near}\`?` : 'See `runbook schema scenarios`.'
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? ''
}
