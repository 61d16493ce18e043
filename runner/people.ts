import { existsSync } from 'node:fs'
import { LineCounter, isMap, isScalar } from 'yaml'
import type { Document, Pair } from 'yaml'
import * as z from 'zod'
import { diagnostic } from './model/diagnostic.ts'
import type { Code } from './model/diagnostic-rules.ts'
import type { Diagnostic, Place } from './model/diagnostic.ts'
import { isPlain, spelling } from './model/people/person.ts'
import { readYaml } from './model/text/yaml.ts'
import { grantPattern } from './permissions/grant.ts'
import type { Rights } from './permissions/may.ts'
import { textOf } from './regular-file.ts'

const role = z
  .string()
  .min(1)
  .regex(/^[^\s,@]+$/, 'a role is one word without `@` or commas')

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
        roles: z.array(role).default([]).describe('The roles of the person, such as `release-manager`.'),
        aliases: z
          .array(z.string().min(1))
          .default([])
          .describe('Other addresses and user names of the same person.'),
        checked: z.iso
          .date()
          .optional()
          .describe('The day on which the address was last tried. `check` warns after 180 days.'),
        logins: z
          .array(
            z.strictObject({
              issuer: z.url().describe('The issuer of the provider, exactly as its tokens say it.'),
              subject: z.string().min(1).max(255).describe('The subject (`sub`) of the account there.'),
            }),
          )
          .default([])
          .describe('Accounts with which the person signs in to a hub. An e-mail address is not one.'),
      }),
    )
    .describe('Everybody who may decide, by address.'),
  rights: z
    .record(
      z.string().min(1),
      z.array(
        z
          .string()
          .regex(
            grantPattern,
            'expected a right such as `read:*` or `run:release-*`: a verb of the hub, and slugs of runbooks',
          ),
      ),
    )
    .default({})
    .describe(
      'The rights of a role, or of one address, at a hub, such as `run:release-*`. Default: nothing.',
    ),
  groups: z
    .record(z.string().min(1), z.array(role))
    .default({})
    .describe('The roles that a group of the provider gives, by the id of the group. They never decide.'),
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

/** The accounts, roles and rights of the list of people. */
export interface HubPeople {
  /** The person of each account, by `accountKey`. */
  logins: ReadonlyMap<string, string>
  /** The roles of each address, which stands for itself as well. */
  roles: ReadonlyMap<string, readonly string[]>
  rights: Rights
  /** The roles of each group of the provider. */
  groups: ReadonlyMap<string, readonly string[]>
}

/** One account of a provider. */
export function accountKey(issuer: string, subject: string): string {
  return JSON.stringify([issuer, subject])
}

/** Reads the list of people; undefined where there is no file. `shown` is the path in findings. */
export function readPeople(
  file: string,
  shown = file,
): { people: People; hub: HubPeople; problems: Diagnostic[] } | undefined {
  if (!existsSync(file)) return undefined
  const counter = new LineCounter()
  const document = readYaml(textOf(file), { lineCounter: counter })
  const place = (offset: number): Place => {
    const { line, col } = counter.linePos(offset)
    return { file: shown, line, column: col }
  }
  // Without a prototype: a role may be called `constructor`, which every other object has.
  const people: People = { holders: Object.create(null), aliases: Object.create(null), services: [] }
  const logins = new Map<string, string>()
  const roles = new Map<string, readonly string[]>()
  const nothing: HubPeople = { logins, roles, rights: {}, groups: new Map() }
  const bad = (code: Code, offset: number, message: string, hint: string): Diagnostic =>
    diagnostic(code, place(offset), message, { hint })
  const [broken] = document.errors
  if (broken) {
    const message = `Invalid YAML: ${broken.message.split('\n')[0]}`
    return { people, hub: nothing, problems: [bad('invalid-people', broken.pos[0], message, formHint)] }
  }
  const read = peopleSchema.safeParse(document.toJS())
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) =>
      bad('invalid-people', offsetOf(document, path), `Invalid \`${path.join('.')}\`: ${message}`, formHint),
    )
    return { people, hub: nothing, problems }
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
      const [held] = entry.roles
      if (held !== undefined)
        problems.push(
          bad(
            'invalid-people',
            offset,
            `Invalid role \`${held}\` of \`${id}\`: a service never approves`,
            serviceHint,
          ),
        )
    } else people.holders[id] = [id]
    roles.set(id, [id, ...entry.roles])
    for (const { issuer, subject } of entry.logins) {
      const account = accountKey(issuer, subject)
      const before = logins.get(account)
      const message =
        entry.kind === 'service'
          ? `Invalid login of \`${id}\`: a service has a token, and does not sign in`
          : `The account \`${subject}\` of \`${id}\` is one of \`${before}\` as well`
      if (before !== undefined || entry.kind === 'service')
        problems.push(bad('invalid-people', offset, message, loginHint))
      else logins.set(account, id)
    }
    for (const held of entry.kind === 'service' ? [] : entry.roles)
      people.holders[held] = [...(people.holders[held] ?? []), id]
    for (const name of [id, ...entry.aliases])
      if (name !== id || spelling(id) !== id) people.aliases[spelling(name)] = id
  }
  const { rights, groups } = read.data
  return { people, hub: { logins, roles, rights, groups: new Map(Object.entries(groups)) }, problems }
}

const loginHint = 'Keep each account under one person.'
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
