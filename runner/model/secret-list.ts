import * as z from 'zod'
import { failure, success } from './problem.ts'
import type { Outcome } from './problem.ts'
import { referenceScheme } from './secret-reference.ts'
import { suggest } from './suggest.ts'
import { parseDuration } from './values/duration.ts'

const text = z.string().min(1)
const duration = text.refine(
  (value) => (parseDuration(value) ?? 0) > 0,
  'Unexpected duration, expected a form such as `90d`',
)

/** The fields of a secret: one source, and its age. */
const listedSecret = z
  .strictObject({
    env: text.optional().describe('An environment variable.'),
    file: text.optional().describe('A file, relative to the project.'),
    pass: text.optional().describe('An entry of `pass`; its first line counts.'),
    age: z
      .strictObject({ file: text, identity: text })
      .optional()
      .describe('A file that `age` encrypted, and the identity that decrypts it.'),
    command: z
      .array(text)
      .min(1)
      .optional()
      .describe('A program with arguments that prints the value, such as the client of a vault.'),
    owner: text.optional().describe('Who changes it.'),
    every: duration.optional().describe('How often it is changed, such as 90d. Default: no promise.'),
    changed: z.iso.date().optional().describe('The day of its last change.'),
  })
  .refine(
    ({ env, file, pass, age, command }) =>
      [env, file, pass, age, command].filter((source) => source !== undefined).length === 1,
    'Expected one of `env`, `file`, `pass`, `age` and `command`',
  )

/** A path of words; `{env}` stands for one part of it. */
const name = z
  .string()
  .regex(
    /^[a-z0-9{][a-z0-9._{}-]*(\/[a-z0-9{][a-z0-9._{}-]*)*$/,
    'Unexpected name, expected a path such as `db/credentials` or `sdk-key-{env}`',
  )

/** The fields of secrets.yaml. */
export const secretsSchema = z.strictObject({
  secrets: z.record(name, listedSecret).describe('Each secret by the path of its reference.'),
})

export type ListedSecret = z.output<typeof listedSecret>

/** Where the value of a secret is read. */
export type SecretSource =
  | { type: 'env'; name: string }
  | { type: 'file'; path: string }
  | { type: 'pass'; entry: string }
  | { type: 'age'; path: string; identity: string }
  | { type: 'command'; argv: readonly string[] }

/** The source of a reference such as `secret://db/credentials`. The problem quotes the reference, which is not secret. */
export function sourceOf(
  reference: string,
  secrets: Readonly<Record<string, ListedSecret>>,
): Outcome<SecretSource> {
  const path = reference.slice(referenceScheme.length)
  for (const [listed, secret] of Object.entries(secrets)) {
    const parts = partsOf(listed, path)
    if (parts !== undefined) return success(filledSource(secret, parts))
  }
  const near = suggest(path, Object.keys(secrets))
  return failure(`The reference \`${reference}\` is not in the list of secrets`, {
    hint: near === undefined ? 'Add it to the list.' : `Did you mean \`${referenceScheme}${near}\`?`,
  })
}

/** The values of `{name}` in a listed path; undefined when the path is another one. */
function partsOf(listed: string, path: string): Readonly<Record<string, string>> | undefined {
  const pattern = listed
    .split(/\{(\w+)\}/)
    .map((part, index) => (index % 2 === 0 ? RegExp.escape(part) : `(?<${part}>[a-z0-9][a-z0-9._-]*?)`))
    .join('')
  const match = new RegExp(`^${pattern}$`).exec(path)
  return match === null ? undefined : { ...match.groups }
}

function filledSource(
  { env, file, pass, age, command }: ListedSecret,
  parts: Readonly<Record<string, string>>,
): SecretSource {
  const fill = (template: string): string =>
    template.replaceAll(/\{(\w+)\}/g, (whole, part: string) => parts[part] ?? whole)
  // A variable is written in capitals, and with `_` where a path has other characters.
  const variable = (template: string): string => fill(template).replaceAll(/\W/g, '_').toUpperCase()
  if (env !== undefined) return { type: 'env', name: env.includes('{') ? variable(env) : env }
  if (file !== undefined) return { type: 'file', path: fill(file) }
  if (pass !== undefined) return { type: 'pass', entry: fill(pass) }
  if (age !== undefined) return { type: 'age', path: fill(age.file), identity: fill(age.identity) }
  return { type: 'command', argv: (command ?? []).map(fill) }
}

/** How old a secret is, and whether its change is overdue; `unknown` when the day of its change is not listed. */
export function ageOf(
  { every, changed }: ListedSecret,
  now: number,
): { days: number | undefined; state: 'current' | 'overdue' | 'unknown' | 'without-promise' } {
  const days = changed === undefined ? undefined : Math.floor((now - Date.parse(changed)) / 86_400_000)
  if (every === undefined) return { days, state: 'without-promise' }
  if (days === undefined) return { days, state: 'unknown' }
  return { days, state: days * 86_400_000 > (parseDuration(every) ?? 0) ? 'overdue' : 'current' }
}
