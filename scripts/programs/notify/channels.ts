import { createHash } from 'node:crypto'
import { quoteWhole } from '../../../runner/model/quote.ts'
import { hide } from '../../lib/hide.ts'
import { codeOf, messageOf } from '../../lib/errors.ts'
import { type Pace, REAL_PACE, politely } from '../../adapters/polite.ts'
import { publish } from '../../adapters/redis.ts'
import type { Letter, Sent } from './outbox.ts'
import type { Channel } from '../../../runner/status/severities.ts'

export interface Senders {
  env: Record<string, string | undefined>
  pace?: Pace
}

/** Whether the receiver throws a second copy away: PagerDuty by its key, mail readers by the message id, pages and hooks by the letter's. */
export function isRepeatable({ type }: Channel): boolean {
  return type !== 'slack'
}

/** Sends one letter by one channel. A failure is reported without a secret address. */
export async function sendBy(
  channel: Channel,
  letter: Letter,
  { env, pace = REAL_PACE }: Senders,
): Promise<Sent> {
  const names =
    channel.type === 'email' ? ['SMTP_URL'] : [channel.type === 'pagerduty' ? channel.key : channel.url]
  const missing = names.find((name) => (env[name] ?? '') === '')
  if (missing !== undefined) return { state: 'waiting', problem: `${missing} is not set` }
  const secrets = names.map((name) => env[name] ?? '')
  try {
    if (channel.type === 'email') return await mail(letter, env)
    if (channel.type === 'toast') return await toast(letter, secrets[0] ?? '')
    return await post(channel, letter, secrets[0] ?? '', env, pace)
  } catch (error) {
    const unsent = ['ECONNREFUSED', 'ENOTFOUND', 'EAUTH', 'EENVELOPE', 'ECONNECTION', 'ESOCKET', 'EDNS']
    const isUnsent = unsent.includes(codeOf(error)) || /ECONNREFUSED|ENOTFOUND/.test(messageOf(error))
    return { state: isUnsent ? 'waiting' : 'unknown', problem: hide(messageOf(error), secrets) }
  }
}

async function mail({ id, to, message }: Letter, env: Senders['env']): Promise<Sent> {
  const { createTransport } = await import('nodemailer')
  const transport = createTransport(env['SMTP_URL'])
  try {
    await transport.sendMail({
      from: env['NOTIFY_FROM'] || 'status@localhost',
      to,
      // A header is one line.
      subject: message.subject.replaceAll(/\s+/g, ' '),
      text: message.body,
      messageId: `<${id}@runbook>`,
      // A customer's auto-reply must not open a ticket for each update.
      headers: { 'auto-submitted': 'auto-generated' },
    })
    return { state: 'sent' }
  } finally {
    transport.close()
  }
}

/** The Redis channel that pages listen to, through `runbook toasts`. */
export const TOASTS = 'toasts'

/** A message that a page shows for a moment; the id prevents a second copy. */
async function toast({ id, severity, message, link }: Letter, redis: string): Promise<Sent> {
  await publish(redis, TOASTS, JSON.stringify({ id, severity, text: message.body, link }))
  return { state: 'sent' }
}

/** Longest answer that is told, in characters. */
const QUOTED = 200

const PAGERDUTY = 'https://events.pagerduty.com/v2/enqueue'

async function post(
  channel: Exclude<Channel, { type: 'email' | 'toast' }>,
  letter: Letter,
  secret: string,
  env: Senders['env'],
  pace: Pace,
): Promise<Sent> {
  const ask = politely({ everyMs: 0, tries: 3, limitMs: 10_000, pace })
  const url = channel.type === 'pagerduty' ? env['PAGERDUTY_URL'] || PAGERDUTY : secret
  const body = {
    pagerduty: () => pagerduty(letter, secret),
    slack: () => slack(letter),
    webhook: () => webhook(letter),
  }
  const headers = { 'idempotency-key': letter.id }
  const answer = await ask({
    method: 'POST',
    url,
    headers,
    body: body[channel.type](),
    repeatable: isRepeatable(channel),
  })
  if (answer.status < 300) return { state: 'sent' }
  return {
    state: 'waiting',
    problem: `it answered ${answer.status}: ${quoteWhole(hide(answer.text, [secret]), QUOTED)}`,
  }
}

const URGENCY: Record<string, string> = { P0: 'critical', P1: 'error', P2: 'warning', P3: 'info' }

/** The limits of PagerDuty's Events API, in characters: https://developer.pagerduty.com/docs/send-alert-event */
const most = { key: 255, summary: 1024, details: 50_000 }

function pagerduty({ message, severity, action, subject, link }: Letter, key: string): object {
  const base = { routing_key: key, event_action: action, dedup_key: shortKey(subject) }
  if (action !== 'trigger') return base
  return {
    ...base,
    payload: {
      summary: cut(message.subject, most.summary),
      source: 'runbook',
      severity: URGENCY[severity] ?? 'error',
      custom_details: { body: cut(message.body, most.details) },
    },
    ...(link !== '' && { links: [{ href: link, text: 'Read more' }] }),
  }
}

/** A key as it is, or a shorter one that is the same for the same incident and no other. */
function shortKey(key: string): string {
  if (key.length <= most.key) return key
  const digest = createHash('sha256').update(key).digest('hex')
  return `${cut(key, most.key - digest.length - 1)}-${digest}`
}

/** The beginning of a text, which never ends within a character. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}

/** Slack shows so many characters of a message and leaves the rest out. */
const mostOfSlack = 40_000

function slack({ message, severity, link }: Letter): object {
  const level = severity === '' ? '' : `*${plain(severity)}* `
  // In an address these end it or begin its words.
  const href = plain(link.replaceAll(/[|<>\s]/g, encodeURIComponent))
  const more = link === '' ? '' : `\n<${href}|Read more>`
  const text = cut(level + plain(message.body), mostOfSlack - more.length)
  return { text: text.replace(/&\w{0,3}$/, '') + more }
}

/** The three characters that Slack reads as markup. */
function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function webhook({ id, event, severity, action, message, link, subject }: Letter): object {
  return {
    id,
    event,
    severity,
    action,
    incident: subject,
    subject: message.subject,
    body: message.body,
    link,
  }
}
