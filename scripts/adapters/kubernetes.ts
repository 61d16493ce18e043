import { setTimeout as sleep } from 'node:timers/promises'
import { parseObject, isRecord } from '../../runner/model/values/json.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { type Traffic, type Weights, COLORS, otherColor } from '../lab/lab-model.ts'
import { endOf } from '../lib/tool.ts'
import { lastLine } from '../../runner/model/last-line.ts'

/** A Service that selects the pods of one color by the label `color`, as content/kubernetes/service.yaml has it. */
export interface Cluster {
  service: string
  namespace: string
  /** A context of kubectl's configuration. Default: the current one. */
  context?: string | undefined
}

/** The color that the Service selects. @throws {CliError} */
export async function readService(cluster: Cluster): Promise<Traffic> {
  return trafficOf(cluster, await getService(cluster))
}

/**
 * Lets the Service select one color. The API server refuses it when somebody changed the Service since it was read.
 * @throws {CliError} for a split: a Service has one selector
 */
export async function writeService(cluster: Cluster, weights: Weights): Promise<void> {
  const color = COLORS.find((one) => weights[otherColor(one)] === 0)
  if (color === undefined)
    throw new CliError(
      exit.usage,
      `A Service selects one color, and both have weight: blue=${weights.blue}, green=${weights.green}`,
      'Give one of them 100 and the other 0, or split the traffic in a proxy.',
    )
  const service = await getService(cluster)
  const spec = isRecord(service['spec']) ? service['spec'] : {}
  const selector = isRecord(spec['selector']) ? spec['selector'] : {}
  const wanted = { ...service, spec: { ...spec, selector: { ...selector, color } } }
  const put = await kubectl(cluster, ['replace', '--raw', pathOf(cluster), '-f', '-'], JSON.stringify(wanted))
  const after = trafficOf(cluster, objectOf(cluster, put))
  if (after.live !== color)
    throw new CliError(
      exit.failed,
      `${nameOf(cluster)} selects ${after.live} after it was told to select ${color}`,
      'See who else changes it.',
    )
}

/** Endpoints follow a selector within seconds, and nothing says how many requests a pod still answers: the limit is waited. */
export async function drainPods(limitMs: number): Promise<boolean> {
  await sleep(limitMs)
  return true
}

/** The Service in words, for messages. */
export function nameOf({ service, namespace, context }: Cluster): string {
  return `service ${namespace}/${service}${context === undefined ? '' : ` of ${context}`}`
}

const pathOf = ({ service, namespace }: Cluster): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(service)}`

async function getService(cluster: Cluster): Promise<Record<string, unknown>> {
  return objectOf(cluster, await kubectl(cluster, ['get', '--raw', pathOf(cluster)]))
}

function objectOf(cluster: Cluster, text: string): Record<string, unknown> {
  const object = parseObject(text)
  if (object?.['kind'] === 'Service') return object
  throw new CliError(
    exit.failed,
    `kubectl printed something other than ${nameOf(cluster)}`,
    'Check that the context leads to a cluster.',
  )
}

function trafficOf(cluster: Cluster, { spec, metadata }: Record<string, unknown>): Traffic {
  const selector = isRecord(spec) && isRecord(spec['selector']) ? spec['selector'] : {}
  const live = COLORS.find((color) => color === selector['color'])
  if (live === undefined)
    throw new CliError(
      exit.failed,
      `${nameOf(cluster)} selects no color: its selector has no \`color\` of ${COLORS.join(' or ')}`,
      'See content/kubernetes/service.yaml.',
    )
  const version = Number(isRecord(metadata) ? metadata['resourceVersion'] : Number.NaN)
  const weights = { blue: 0, green: 0, [live]: 100 }
  return { ...(Number.isSafeInteger(version) ? { version } : {}), weights, live }
}

async function kubectl({ context }: Cluster, args: readonly string[], input?: string): Promise<string> {
  const where = context === undefined ? [] : ['--context', context]
  const how = { limitMs: 60_000, ...(input !== undefined && { input }) }
  const { code, stdout, stderr } = await endOf('kubectl', [...where, '--request-timeout=30s', ...args], how)
  if (code === 0) return stdout
  const said = lastLine(stderr, stdout)
  throw new CliError(
    exit.failed,
    `kubectl ended with ${code ?? 'a signal'}: ${said || 'it printed nothing'}`,
    /conflict|has been modified/i.test(said)
      ? 'Somebody changed the Service meanwhile: look at it, then run this again.'
      : 'Check the context, the namespace, and the rights of the account.',
  )
}
