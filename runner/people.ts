import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'

const schema = z.strictObject({
  people: z
    .record(
      z.string().min(1),
      z.strictObject({
        name: z.string().optional().describe('What they are called.'),
        roles: z
          .array(z.string().min(1))
          .default([])
          .describe('The roles they have, such as release-manager.'),
      }),
    )
    .describe('Everybody who may decide something, by the address their decisions carry.'),
})

/** Who stands behind each word an approval may name: a role, or a person. */
export type People = Record<string, string[]>

/** A list of people that cannot be used. */
export class PeopleError extends Error {
  override name = 'PeopleError'
}

/** Reads the list of people; undefined where there is none. */
export function readPeople(file: string): People | undefined {
  if (!existsSync(file)) return undefined
  let written: unknown
  try {
    written = parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new PeopleError(`${file} is not valid YAML: ${(error as Error).message.split('\n')[0]}`)
  }
  const read = schema.safeParse(written)
  if (!read.success) {
    const issue = read.error.issues[0]
    throw new PeopleError(`${file}: \`${issue?.path.join('.')}\`: ${issue?.message}`)
  }
  // Without a prototype: a role may be called `constructor`, which every other object has.
  const found = Object.create(null) as People
  for (const [id, { roles }] of Object.entries(read.data.people)) {
    found[id] = [id]
    for (const role of roles) found[role] = [...(found[role] ?? []), id]
  }
  return found
}
