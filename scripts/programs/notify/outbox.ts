import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomically } from '../../lib/atomic.ts'
import { withFileLock } from '../../lib/file-lock.ts'
import type { Message } from './message-template.ts'
import { compareText } from '../../../runner/model/compare-text.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

/** One message to one recipient, kept until it is sent and afterwards as its receipt. Holds no secret. */
export interface Letter {
  /** The same event, channel and recipient: the same letter. */
  id: string
  event: string
  channel: string
  /** An e-mail address; empty for a channel with one end. */
  to: string
  message: Message
  link: string
  severity: string
  /** PagerDuty: what the event does to its alert. */
  action: 'trigger' | 'acknowledge' | 'resolve'
  /** PagerDuty: which alert it is about. */
  subject: string
  state: 'waiting' | 'sending' | 'sent' | 'unknown'
  tries: number
  /** When it was made, RFC 3339. */
  at: string
  /** Why the last attempt failed; empty when it did not. */
  problem: string
}

export type NewLetter = Omit<Letter, 'id' | 'state' | 'tries' | 'at' | 'problem'>

/** The outcome of one attempt; `unknown`: it may have arrived, and sending it again could make two. */
export type Sent = { state: 'sent' } | { state: 'waiting' | 'unknown'; problem: string }

function letterId({ event, channel, to }: Pick<Letter, 'event' | 'channel' | 'to'>): string {
  return createHash('sha256')
    .update(JSON.stringify([event, channel, to]))
    .digest('hex')
    .slice(0, 32)
}

/** Every letter of an outbox, oldest first. */
export function letters(folder: string): Letter[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Letter)
    .toSorted((a, b) => compareText(a.at, b.at))
}

/**
 * Sends a letter unless it has been sent, by this process or another. A letter in flight when a process died is
 * in an unknown state: it is sent again only where the receiver throws the second one away.
 */
export async function deliver(
  folder: string,
  letter: NewLetter,
  send: (letter: Letter) => Promise<Sent>,
  repeatable: boolean,
): Promise<{ letter: Letter; already: boolean }> {
  const id = letterId(letter)
  const file = join(folder, `${id}.json`)
  // Names, addresses and messages of an incident are not for other accounts of this machine.
  makeFolder(folder)
  return await withFileLock(file, async () => {
    const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Letter) : undefined
    const fresh: Letter = {
      ...letter,
      id,
      state: 'waiting',
      tries: 0,
      at: new Date().toISOString(),
      problem: '',
    }
    const current = kept ?? fresh
    if (current.state === 'sent') return { letter: current, already: true }
    if ((current.state === 'sending' || current.state === 'unknown') && !repeatable) {
      const unknown: Letter = {
        ...current,
        state: 'unknown',
        problem: current.problem || 'the sender ended before an answer came',
      }
      await write(file, unknown)
      return { letter: unknown, already: true }
    }
    const sending: Letter = { ...current, state: 'sending', tries: current.tries + 1 }
    await write(file, sending)
    const outcome = await send(sending)
    const after: Letter = { ...sending, ...outcome, problem: outcome.state === 'sent' ? '' : outcome.problem }
    await write(file, after)
    return { letter: after, already: false }
  })
}

async function write(file: string, letter: Letter): Promise<void> {
  await writeAtomically(file, `${JSON.stringify(letter, null, 2)}\n`, 0o600)
}
