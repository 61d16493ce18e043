import type { Severities } from '../../../runner/status/severities.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { suggestion } from '../../../runner/model/suggest.ts'
import { isRepeatable, sendBy } from './channels.ts'
import { type Letter, type NewLetter, deliver } from './outbox.ts'
import { addressesOf } from './severity-channels.ts'

/** A letter, and whether it had been sent before. */
export interface Delivered {
  letter: Letter
  already: boolean
}

/** @throws {CliError} usage */
export function channelNamed(name: string, { channels }: Severities): Severities['channels'][string] {
  const channel = channels[name]
  if (channel !== undefined) return channel
  throw new CliError(
    exit.usage,
    `Unknown channel \`${name}\`: it is not in the file`,
    suggestion(name, Object.keys(channels)),
  )
}

/** Where messages wait: what the flag says, else NOTIFY_OUTBOX, else `.runbook/outbox`. */
export function outboxOf(flag: string | undefined): string {
  return flag ?? (process.env['NOTIFY_OUTBOX'] || '.runbook/outbox')
}

/** One letter for each end of a channel: everybody who has its role, or the one end of a hook. */
export function addressed(
  letter: Omit<NewLetter, 'to'>,
  people: string,
  rules: Severities,
): { letters: NewLetter[]; problem?: string } {
  const channel = channelNamed(letter.channel, rules)
  const ends = channel.type === 'email' ? addressesOf(channel.role, people) : ['']
  const letters = ends.map((to) => ({ ...letter, to }))
  return ends.length > 0 ? { letters } : { letters, problem: `nobody in ${people} has the role` }
}

/** Sends letters one after the other; what cannot be sent stays in the outbox and stops nothing. */
export async function sendAll(
  outbox: string,
  letters: readonly NewLetter[],
  rules: Severities,
): Promise<Delivered[]> {
  const sent: Delivered[] = []
  for (const letter of letters) {
    const channel = channelNamed(letter.channel, rules)
    const send = (one: Letter) => sendBy(channel, one, { env: process.env })
    sent.push(await deliver(outbox, letter, send, isRepeatable(channel)))
  }
  return sent
}

/** One line about a letter. */
export function deliveredText({ letter: { state, channel, to, problem }, already }: Delivered): string {
  const words = { sent: already ? '= sent before' : '+ sent', unknown: '? may have arrived' }
  const word = state === 'sent' || state === 'unknown' ? words[state] : '✕ NOT SENT'
  return `${word} ${channel}${to === '' ? '' : ` to ${to}`}${problem === '' ? '' : `: ${problem}`}\n`
}
