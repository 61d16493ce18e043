import { fingerprintOf } from '../../alerts/fingerprint.ts'
import { proposalOfAlert, proposalOfLink } from '../../alerts/proposal.ts'
import type { Proposal } from '../../alerts/proposal.ts'
import { readStoredAlert } from '../../alerts/alert-store.ts'
import { alertName, readWebhook } from '../../alerts/webhook.ts'
import type { Alert } from '../../alerts/webhook.ts'
import { openCache } from '../../cache.ts'
import type { Config } from '../../config.ts'
import { listEntries, readEntry } from '../../library.ts'
import { orThrow } from '../../model/problem.ts'
import type { Runbook } from '../../model/runbook.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { namedFile } from '../../kit/named-file.ts'
import type { Wanted } from './requested-run.ts'
import { counted } from '../../model/counted.ts'

/** The target of a link: the runbook, its values and the step it opens. */
export async function fromLink(link: string, config: Config, io: Io): Promise<Wanted> {
  const proposal = orThrow(proposalOfLink(link, await documentsOf(config, io), config.site), exit.usage)
  sayPrefilled(proposal, 'the link', io)
  return { name: proposal.slug, prefilled: proposal.values, from: proposal.step || undefined }
}

/**
 * The target of an alert: from its file, from standard input, or kept by `alerts serve`. One that is resolved is only
 * run when a person confirms it; `go` is that confirmation given before.
 */
export async function fromAlert(
  source: string,
  name: string | undefined,
  fingerprint: string | undefined,
  go: boolean,
  config: Config,
  io: Io,
): Promise<Wanted> {
  const alert = await chooseAlert(readAlerts(source, config, io), fingerprint, io)
  if (alert.status === 'resolved' && !go) await askForResolved(alert, io)
  const documents = await documentsOf(config, io)
  const among = name === undefined ? documents : documents.filter(({ slug }) => slug === name.toLowerCase())
  const proposal = orThrow(proposalOfAlert(alert, among, config.site), exit.usage)
  sayPrefilled(proposal, `the alert ${alertName(alert)}`, io)
  const { startsAt } = alert
  return {
    name: proposal.slug,
    prefilled: proposal.values,
    from: proposal.step || undefined,
    alert: { fingerprint: fingerprintOf(alert), name: alertName(alert).slice(0, 200), startsAt },
  }
}

const alertHint = 'Give a file, `-` for standard input, or a fingerprint that `runbook runs` shows.'

function readAlerts(source: string, config: Config, io: Io): Alert[] {
  const stored = /^[0-9a-f]{8,64}$/i.test(source) ? readStoredAlert(config.state, source) : undefined
  if (stored) return [stored.alert]
  const read = readWebhook(namedFile(source, io, alertHint))
  if (!read.ok)
    throw new CliError(
      exit.usage,
      `${source === '-' ? 'Standard input' : `\`${source}\``}: ${read.problem.message}`,
      'Give the body that Alertmanager or Grafana sends to a webhook.',
    )
  const webhook = read.value
  const { truncatedAlerts: left } = webhook
  if (left > 0) io.note(`The sender left out ${counted(left, 'alert')} of this group.`)
  if (webhook.alerts.length === 0)
    throw new CliError(exit.usage, `There is no alert in \`${source}\``, 'Give a body with one.')
  // The same alert twice, as a sender repeats it, is one.
  return [...new Map(webhook.alerts.map((alert) => [fingerprintOf(alert), alert])).values()]
}

/** One alert is taken as it is; of several, one is named, or a person is asked. */
async function chooseAlert(alerts: readonly Alert[], wanted: string | undefined, io: Io): Promise<Alert> {
  const fitting =
    wanted === undefined
      ? alerts
      : alerts.filter((alert) => fingerprintOf(alert).startsWith(wanted.toLowerCase()))
  const [only] = fitting
  if (only && fitting.length === 1) return only
  const list = alerts.map((alert) => `${fingerprintOf(alert)} ${alert.status} ${shortName(alert)}`)
  if (wanted !== undefined)
    throw new CliError(
      exit.usage,
      `\`${wanted}\` fits ${fitting.length} of ${alerts.length} alerts`,
      `They are: ${list.slice(0, 20).join('; ')}.`,
    )
  if (!io.interactive)
    throw new CliError(
      exit.usage,
      `There are ${alerts.length} alerts, and one run is for one of them`,
      `Add --fingerprint with one of: ${list.slice(0, 20).join('; ')}.`,
    )
  const { askChoice } = await import('../../kit/prompt.ts')
  const chosen = await askChoice(
    'Which alert?',
    alerts.map((alert, index) => ({
      value: String(index),
      label: printable(list[index] ?? shortName(alert)),
    })),
  )
  return alerts[Number(chosen)] ?? settledAlert(only)
}

/** A problem that fired the alert may be over. */
async function askForResolved(alert: Alert, io: Io): Promise<void> {
  const since = Number.isNaN(Date.parse(alert.endsAt)) ? '' : ` since ${printable(alert.endsAt)}`
  const message = `The alert ${printable(shortName(alert))} is resolved${since}`
  const hint = 'Look whether the run is still needed, and add --yes to start it.'
  if (!io.interactive) throw new CliError(exit.waiting, `${message}; nothing ran`, hint)
  const { askChoice } = await import('../../kit/prompt.ts')
  const answer = await askChoice(`${message}. Run its runbook?`, [
    { value: 'no', label: 'No' },
    { value: 'yes', label: 'Yes, the run is still needed' },
  ])
  if (answer !== 'yes') throw new CliError(exit.usage, `${message}; nothing ran`, hint)
}

function settledAlert(alert: Alert | undefined): Alert {
  if (alert) return alert
  throw new CliError(exit.usage, 'No alert was chosen', 'Add --fingerprint.')
}

function shortName(alert: Alert): string {
  const { instance, severity } = alert.labels
  return [alertName(alert), severity, instance]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
    .slice(0, 120)
}

/** The values taken from the alert, before they are used. */
function sayPrefilled({ values, context }: Proposal, from: string, io: Io): void {
  if (io.json) return
  for (const [name, value] of Object.entries(values))
    io.note(`  ${name} = ${short(value)}  ${io.style('dim', `from ${printable(from)}`)}`)
  for (const [name, value] of context.slice(0, 30))
    io.note(io.style('dim', `  ${short(name)}: ${short(value)}`))
}

function short(value: string): string {
  const line = printable(value).replaceAll('\n', '\\n')
  return line.length > 160 ? `${line.slice(0, 160)}… (${value.length} characters)` : line
}

export async function documentsOf(config: Config, io: Io): Promise<Runbook[]> {
  const cache = openCache(io.env)
  const entries = listEntries(config.content)
  return Promise.all(
    entries.map(async (entry) => (await readEntry(entry, io.cwd, config.kinds, cache)).document),
  )
}
