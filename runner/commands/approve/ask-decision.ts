import { sha256 } from '../../journal/record/write-journal.ts'
import type { Actor } from '../../model/plan.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'

export type Verdict = 'approved' | 'rejected'

interface Asked {
  /** The arguments of the call, to be copied: the run and its step, or the file. */
  call: string
  run: string
  step: string
  shown: string
  by: Actor
}

/**
 * What the person decides once they have seen what is recorded as shown. Without a terminal a yes takes `--yes`; a no is
 * safe and takes none. Undefined: nothing was decided.
 */
export async function askDecision(
  { call, run, step, shown, by }: Asked,
  wanted: Verdict,
  { reason, yes }: { reason: string; yes: boolean },
  io: Io,
): Promise<{ decision: Verdict; reason: string } | undefined> {
  const sure = yes || (wanted === 'rejected' && reason !== '')
  if (!io.interactive && !sure) {
    if (io.json) io.out(JSON.stringify({ run, step, shown, shownSha256: sha256(shown) }))
    else io.out(printable(shown))
    const verb = wanted === 'approved' ? 'approve' : 'reject'
    const flag = wanted === 'approved' ? '--yes' : '--reason "…"'
    io.say(
      `\nNothing was decided. Read it, then decide as ${by.id} with: ${io.program} ${verb} ${call} ${flag}`,
    )
    return undefined
  }
  if (!io.json) io.note(`${printable(shown)}\n`)
  if (!io.interactive || sure) return { decision: wanted, reason }
  const { PromptCancelled, askChoice, askText } = await import('../../kit/prompt.ts')
  const verdicts = [
    { value: 'approved', label: 'Approve', hint: 'the run goes on' },
    { value: 'rejected', label: 'Reject', hint: 'with a reason; the run stops' },
  ] as const
  try {
    const answer = await askChoice<Verdict | 'leave'>(`Decide as ${by.id}:`, [
      { value: 'leave', label: 'Leave it', hint: 'nothing is decided' },
      ...(wanted === 'approved' ? verdicts : verdicts.toReversed()),
    ])
    if (answer === 'leave') return undefined
    if (answer === 'approved' || reason !== '') return { decision: answer, reason }
    const check = (value: string): string | undefined => (value.trim() === '' ? 'Write a reason' : undefined)
    return { decision: answer, reason: await askText('Why?', { check }) }
  } catch (error) {
    if (!(error instanceof PromptCancelled)) throw error
    return undefined
  }
}
