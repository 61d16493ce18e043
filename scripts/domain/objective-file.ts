import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { parseYaml } from '../../runner/model/text/yaml.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { messageOf } from '../lib/errors.ts'
import { type Objective, parseValue } from './objectives.ts'
import { firstIssue } from '../../runner/model/first-issue.ts'

const amount = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => parseValue(text) !== undefined, 'Expected a number with its unit, such as 200ms')

const objectives = z
  .record(
    z.string(),
    z
      .strictObject({ below: amount.optional(), above: amount.optional() })
      .refine(
        ({ below, above }) => (below === undefined) !== (above === undefined),
        'Expected below or above',
      ),
  )
  .refine((all) => Object.keys(all).length > 0, 'Expected at least one objective')

const values = z.record(z.string(), amount)

/** Reads objectives: a map of names to `{ below: 200ms }` or `{ above: 20 MB/s }`. @throws {CliError} */
export async function readObjectives(file: string): Promise<Objective[]> {
  const read = await readAs(file, objectives)
  return Object.entries(read).map(([name, { below, above }]) => ({
    name,
    side: below === undefined ? 'above' : 'below',
    limit: below ?? above ?? '',
  }))
}

/** Reads measured values: a map of names to `180ms`. @throws {CliError} */
export async function readMeasured(file: string): Promise<Map<string, string>> {
  return new Map(Object.entries(await readAs(file, values)))
}

async function readAs<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  try {
    return schema.parse(parseYaml(await readFile(file, 'utf8')))
  } catch (error) {
    const why = error instanceof z.ZodError ? firstIssue(error) : messageOf(error)
    throw new CliError(exit.failed, `${file} cannot be used: ${why}`, 'Correct it; see --help for its form.')
  }
}
