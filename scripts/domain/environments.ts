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
import { COLORS, type Color } from '../lab/lab-model.ts'

const FILE = 'content/environments.yaml'

const address = z.string().transform((text, context) => {
  const read = httpUrl.read(text)
  if (read.ok) return read.value
  context.addIssue(`Expected ${read.problem.message}, not \`${text}\``)
  return z.NEVER
})

/** The proxy that shares out the traffic; the fields are the options of `runbook traffic`. */
const proxy = z.discriminatedUnion('adapter', [
  z.strictObject({
    adapter: z.literal('haproxy'),
    socket: z.string(),
    backend: z.string().default('app'),
    stateFile: z.string().optional(),
    config: z.string().optional(),
  }),
  z.strictObject({
    adapter: z.literal('nginx'),
    config: z.string(),
    include: z.string(),
    pid: z.string(),
    url: address.optional(),
  }),
  z.strictObject({
    adapter: z.literal('kubernetes'),
    service: z.string(),
    namespace: z.string().default('default'),
    context: z.string().optional(),
  }),
])

/** Metrics of one color. `{color}` and `{url}` stand for its name and its own address. */
const gate = z.strictObject({
  pages: z.array(z.string()).min(1).default(['{url}/metrics']),
  requests: z.string().default('http_requests_total'),
  errors: z.string().default('http_requests_total{code=~"5.."}'),
  duration: z.string().default('http_request_duration_seconds'),
  up: z.string().default('process_start_time_seconds'),
})

type ProxySettings = z.output<typeof proxy>
export type GateSettings = z.output<typeof gate>

const environment = z
  .strictObject({
    site: address,
    metrics: z.array(address).min(1).optional(),
    lab: address.optional(),
    prometheus: address.optional(),
    labels: z.string().optional(),
    proxy: proxy.optional(),
    colors: z.strictObject({ blue: address, green: address }).optional(),
    start: z.string().optional(),
    stop: z.string().optional(),
    gate: gate.optional(),
    frontend: z
      .union([
        z.literal(false),
        z.strictObject({
          root: z.string().optional(),
          title: z.string().optional(),
          elements: z.array(z.string()).optional(),
        }),
      ])
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
  /** The page, or false for a system without one. */
  frontend: false | { root?: string | undefined; title?: string | undefined; elements?: string[] | undefined }
}

/** The colors of an environment: how each is reached, started and stopped. */
export interface ColorSettings {
  urls: Record<Color, string>
  /** Commands for bash, with COLOR, and for a start ARTIFACT and VERSION. */
  start: string
  stop: string
}

/** The settings by which a release reaches a system that is not a lab. */
export interface ReleaseSettings {
  proxy: ProxySettings
  colors: ColorSettings
  gate: GateSettings
}

/**
 * What a release needs of an environment.
 * @throws {CliError} usage, for a name that the file does not have, or an environment without these settings
 */
export function releaseSettings(name: string): ReleaseSettings {
  const file = process.env['ENVIRONMENTS_FILE'] || FILE
  const listed = listedEnvironment(name, file)
  const { site, proxy: switched, colors, start, stop } = listed
  if (switched && colors && start !== undefined && stop !== undefined)
    return {
      proxy: askedAt(site, switched),
      colors: { urls: colors, start, stop },
      gate: gate.parse(listed.gate ?? {}),
    }
  throw new CliError(
    exit.usage,
    `The environment \`${name}\` of ${file} cannot be released to: it lacks \`proxy\`, \`colors\`, \`start\` or \`stop\``,
    'Add them as in the documentation of releases.',
  )
}

/** nginx is asked where users ask, unless the settings name another address. */
function askedAt(site: string, settings: ProxySettings): ProxySettings {
  return settings.adapter === 'nginx' ? { ...settings, url: settings.url ?? site } : settings
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
  const listed = listedEnvironment(options.environment, file)
  const { lab, metrics = [], frontend = {}, ...rest } = listed
  return { ...rest, frontend, metrics: lab === undefined ? metrics : await pagesOf(lab) }
}

function listedEnvironment(name: string, file: string): z.output<typeof environment> {
  const { environments } = checked(fileSchema, textOf(file), file)
  const listed = environments[name]
  if (listed !== undefined && Object.hasOwn(environments, name)) return listed
  throw new CliError(
    exit.usage,
    `Unknown environment \`${name}\`: ${file} does not list it`,
    `${suggestion(name, Object.keys(environments))} Or add its addresses to the file.`,
  )
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
