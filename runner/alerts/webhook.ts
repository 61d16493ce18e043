import * as z from 'zod'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'

/** Label and annotation names are anything, but there is no end to what a sender may make up. */
const most = { alerts: 2000, labels: 256 }

const texts = z.record(z.string(), z.string()).refine((all) => Object.keys(all).length <= most.labels, {
  message: `more than ${most.labels} entries`,
})

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']).default('firing'),
  labels: texts,
  /** Go writes an empty map as null. */
  annotations: texts.nullish().transform((given) => given ?? {}),
  startsAt: z.string().max(64).default(''),
  endsAt: z.string().max(64).default(''),
  generatorURL: z.string().default(''),
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{8,64}$/i)
    .optional(),
})

const webhookSchema = z.object({
  /** 4 is Alertmanager's, 1 that of Grafana, which has the same fields and more. */
  version: z.enum(['4', '1']),
  receiver: z.string().default(''),
  status: z.string().default(''),
  /** How many alerts of the group the sender left out, because it has a limit. */
  truncatedAlerts: z.int().nonnegative().catch(0).default(0),
  alerts: z.array(alertSchema).max(most.alerts),
})

/** One alert as Alertmanager sends it. Everything in it is untrusted text. */
export type Alert = z.output<typeof alertSchema>

export type Webhook = z.output<typeof webhookSchema>

/** Reads the body of a webhook of Alertmanager or Grafana. */
export function readWebhook(text: string): Outcome<Webhook> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return failure('The body is not JSON')
  }
  const read = webhookSchema.safeParse(body)
  if (read.success) return success(read.data)
  const issue = read.error.issues[0]
  const path = issue?.path.map((part) => String(part).slice(0, 40)).join('.')
  const what = path ? `\`${path}\`` : 'value'
  return failure(
    `Unexpected ${what}, expected the body of a webhook of Alertmanager (version 4) or Grafana (version 1)`,
  )
}

export function alertName(alert: Alert): string {
  return alert.labels['alertname'] ?? ''
}
