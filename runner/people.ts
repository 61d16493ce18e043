import { existsSync, readFileSync } from 'node:fs'
import { LineCounter, isMap, isScalar, parseDocument } from 'yaml'
import type { Document, Pair } from 'yaml'
import * as z from 'zod'
import { diagnostic } from './model/diagnostic.ts'
import type { Code } from './model/diagnostic-rules.ts'
import type { Diagnostic, Place } from './model/diagnostic.ts'
import { isPlain, spelling } from './model/person.ts'

/** The fields of people.yaml. */
export const peopleSchema = z.strictObject({
  people: z
    .record(
      z
        .string()
        .min(1)
        .describe('The address that decisions carry and that `allowed_signers` lists, in plain ASCII.'),
      z.strictObject({
        name: z.string().optional().describe('The name of the person.'),
        kind: z
          .enum(['person', 'service'])
          .default('person')
          .describe(
            '`service` for a program that runs with an account of its own: it never approves. Default: person.',
          ),
        roles: z
          .array(
            z
              .string()
              .min(1)
              .regex(/^[^\s,@]+$/, 'a role is one word without `@` or commas'),
          )
          .default([])
          .describe('The roles of the person, such as `release-manager`.'),
        aliases: z
          .array(z.string().min(1))
          .default([])
          .describe('Other addresses and user names of the same person.'),
        checked: z.iso
          .date()
          .optional()
          .describe('The day on which the address was last tried. `check` warns after 180 days.'),
      }),
    )
    .describe('Everybody who may decide, by address.'),
})

/** The list of people, as it is asked. */
export interface People {
  /** The addresses behind each word an approval may name: a role, or a person. */
  holders: Record<string, string[]>
  /** The address behind each other spelling of a person. */
  aliases: Record<string, string>
  /** The addresses of programs. They are behind no word. */
  services: string[]
}

/** Reads the list of people; undefined where there is no file. `shown` is the path in findings. */
export function readPeople(
  file: string,
  shown = file,
): { people: People; problems: Diagnostic[] } | undefined {
  if (!existsSync(file)) return undefined
  const counter = new LineCounter()
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: counter })
  const place = (offset: number): Place => {
    const { line, col } = counter.linePos(offset)
    return { file: shown, line, column: col }
  }
  // Without a prototype: a role may be called `constructor`, which every other object has.
  const people: People = { holders: Object.create(null), aliases: Object.create(null), services: [] }
  const bad = (code: Code, offset: number, message: string, hint: string): Diagnostic =>
    diagnostic(code, place(offset), message, { hint })
  const [broken] = document.errors
  if (broken) {
    const message = `Invalid YAML: ${broken.message.split('\n')[0]}`
    return { people, problems: [bad('invalid-people', broken.pos[0], message, formHint)] }
  }
  const read = peopleSchema.safeParse(document.toJS())
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) =>
      bad('invalid-people', offsetOf(document, path), `Invalid \`${path.join('.')}\`: ${message}`, formHint),
    )
    return { people, problems }
  }
  const problems: Diagnostic[] = []
  const first = new Map<string, { id: string; place: Place }>()
  for (const { key } of entriesOf(document)) {
    const id = isScalar(key) ? String(key.value) : ''
    const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0
    const entry = read.data.people[id]
    if (!entry) continue
    if (!isPlain(id))
      problems.push(
        bad(
          'invalid-people',
          offset,
          `Invalid address \`${id}\`: it is not a plain ASCII address`,
          asciiHint,
        ),
      )
    for (const name of [id, ...entry.aliases]) {
      const before = first.get(spelling(name))
      if (before && before.id !== id)
        problems.push(
          diagnostic(
            'duplicate-person',
            place(offset),
            `\`${id}\` and \`${before.id}\` are one person: \`${name}\` stands for both`,
            {
              hint: 'Keep one entry, and list the other spellings under its `aliases`.',
              notes: [{ message: 'the other entry', place: before.place }],
            },
          ),
        )
      else first.set(spelling(name), { id, place: place(offset) })
    }
    if (entry.kind === 'service') {
      people.services.push(id)
      const [role] = entry.roles
      if (role !== undefined)
        problems.push(
          bad(
            'invalid-people',
            offset,
            `Invalid role \`${role}\` of \`${id}\`: a service never approves`,
            serviceHint,
          ),
        )
    } else people.holders[id] = [id]
    for (const role of entry.kind === 'service' ? [] : entry.roles)
      people.holders[role] = [...(people.holders[role] ?? []), id]
    for (const name of [id, ...entry.aliases])
      if (name !== id || spelling(id) !== id) people.aliases[spelling(name)] = id
  }
  return { people, problems }
}

const formHint = 'Correct it: `people:` has an entry for each address, with `roles` and `aliases`.'
const serviceHint = 'Give the role to people, or remove `kind: service` where a person decides.'
const asciiHint =
  'It can look like another. Give an ASCII address without quotes or comments, and list this one under its `aliases`.'

function entriesOf(document: Document): Pair[] {
  const people = document.get('people')
  return isMap(people) ? people.items : []
}

/** Where the value of a path stands, or the nearest thing around it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number] } | undefined
    if (node?.range) return node.range[0]
  }
  return 0
}
