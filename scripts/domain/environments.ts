import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { optional } from '../../runner/kit/command.ts'
import type { Values } from '../../runner/kit/command.ts'
import { filePath, httpUrl, string } from '../../runner/kit/types.ts'
import { suggestion } from '../../runner/model/suggest.ts'
import { checked } from '../../runner/status/checked.ts'
import { labState } from '../lab/admin/admin-client.ts'
import { COLORS } from '../lab/lab-model.ts'

const FILE = 'content/environments.yaml'

const address = z.string().transform((text, context) => {
  const read = httpUrl.read(text)
  if (read.ok) return read.value
  context.addIssue(`Expected ${read.problem.message}, not \`${text}\``)
  return z.NEVER
})

const environment = z
  .strictObject({
    site: address,
    metrics: z.array(address).min(1).optional(),
    lab: address.optional(),
    prometheus: address.optional(),
    labels: z.string().optional(),
    frontend: z
      .strictObject({
        root: z.string().optional(),
        title: z.string().optional(),
        elements: z.array(z.string()).optional(),
      })
      .optional(),
  })
  .refine((one) => (one.metrics === undefined) !== (one.lab === undefined), 'Give `metrics` or `lab`')

const fileSchema = z.strictObject({ environments: z.record(z.string(), environment) })

/** The addresses of one environment. */
export interface Environment {
  site: string
  /** The metrics page of each process behind the site. */
  metrics: readonly string[]
  prometheus?: string | undefined
  /** PromQL labels that select it on the Prometheus server. */
  labels?: string | undefined
  frontend: { root?: string | undefined; title?: string | undefined; elements?: string[] | undefined }
}

/** The options that name an environment. */
export const ENVIRONMENT = {
  environment: optional(
    string('name'),
    'Takes the addresses of this environment, such as staging. Options that give an address go before it.',
  ),
  environments: optional(filePath('file'), `The environments. Default: ENVIRONMENTS_FILE, else ${FILE}.`),
}

/**
 * The environment that the options name; its lab is asked which colors run.
 * @returns undefined when they name none
 * @throws {CliError} usage, for a name that the file does not have; failed, when the lab does not answer
 */
export async function environmentOf(options: Values<typeof ENVIRONMENT>): Promise<Environment | undefined> {
  if (options.environment === undefined) return undefined
  const file = options.environments ?? (process.env['ENVIRONMENTS_FILE'] || FILE)
  const { environments } = checked(fileSchema, textOf(file), file)
  const listed = environments[options.environment]
  if (listed === undefined || !Object.hasOwn(environments, options.environment))
    throw new CliError(
      exit.usage,
      `Unknown environment \`${options.environment}\`: ${file} does not list it`,
      `${suggestion(options.environment, Object.keys(environments))} Or add its addresses to the file.`,
    )
  const { lab, metrics = [], frontend = {}, ...rest } = listed
  return { ...rest, frontend, metrics: lab === undefined ? metrics : await pagesOf(lab) }
}

async function pagesOf(lab: string): Promise<string[]> {
  const { colors } = await labState(lab)
  return COLORS.filter((color) => colors[color].state === 'ready').map(
    (color) => `${colors[color].url}/metrics`,
  )
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new CliError(
      exit.usage,
      `${file} cannot be read: it has the addresses of the environments`,
      'Write it as in the documentation of releases, or name another with --environments.',
    )
  }
}
