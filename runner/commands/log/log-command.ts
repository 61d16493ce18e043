import { actorWords } from '../../model/people/agents.ts'
import { stepNamed } from '../../engine/plan/selection.ts'
import { isSafeName } from '../../journal/verify/evidence.ts'
import { endWithin } from '../../journal/record/folder.ts'
import { hasSignature, readRun } from '../../journal/record/run-store.ts'
import type { Event } from '../../journal/record/event.ts'
import { parseKey } from '../../journal/record/event.ts'
import { momentOf } from '../../journal/story/story-moment.ts'
import { tell } from '../../journal/story/story.ts'
import type { StoryHead } from '../../journal/story/story.ts'
import type { OutputFile } from '../../kinds/kind.ts'
import type { Request } from './index.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import type { Plan } from '../../model/plan.ts'
import { momentText, toneMark } from '../shared/moment-line.ts'
import { inputLines } from '../shared/value-lines.ts'
import { copyOf } from '../shared/team/team-copy.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'

export async function run({ io, args, options }: Request): Promise<number> {
  const workspace = await openWorkspace(io)
  await using copy = options.team ? await copyOf(workspace, args.run) : undefined
  const { config } = copy ?? { config: workspace }
  const stored = readRun(config.state, copy?.row.run ?? findRun(config, args.run))
  const step = args.step
  if (step !== undefined) stepNamed(stored.plan, step)
  const events = stored.events.filter(({ key }) => step === undefined || parseKey(key).step === step)
  if (io.json) {
    for (const event of events) io.out(JSON.stringify(event))
    return exit.done
  }
  const { head } = tell(stored.events, stored.plan, stored.state)
  if (step === undefined) heading(head, stored.folder, io)
  for (const event of events) {
    io.out(eventLine(event, stored.plan, step === undefined ? head.by.id : undefined, io))
    for (const line of outputLines(stored.folder, event)) io.out(line)
  }
  if (events.length === 0) io.note(`Step \`${step}\` has no events: the run did not reach it.`)
  return exit.done
}

function heading(head: StoryHead, folder: string, io: Io): void {
  const { title, run: id, words, tone, message, by, documentSha256, waiting } = head
  io.out(`${io.style('bold', printable(title))}  ${id}`)
  io.out(`  ${toneMark(tone, io)} ${words}${message === '' ? '' : `: ${printable(message)}`}`)
  if (waiting && waiting.mayDecide.length > 0)
    io.out(
      `  may decide: ${printable(waiting.mayDecide.join(', '))}${waiting.until === undefined ? '' : `, until ${waiting.until}`}`,
    )
  io.out(
    `  by ${printable(actorWords(by))} on ${printable(by.host)}, document ${documentSha256.slice(0, 12)}`,
  )
  io.out(
    hasSignature(folder) ? `  signed: see runbook verify ${id}` : '  UNSIGNED: nothing proves who made it',
  )
  for (const line of inputLines(head.inputs, io)) io.out(line)
  io.out('')
}

/** Each line names the actor, unless the heading has. */
function eventLine(event: Event, plan: Plan, named: string | undefined, io: Io): string {
  const { seq, ts, type, key, actor } = event
  const moment = momentOf(event, plan)
  const { step } = parseKey(key)
  const what = moment === undefined ? type : momentText(moment)
  const who = [actor.id === named ? '' : actor.id, moment?.identity ?? actor.via].filter(
    (part) => part !== '',
  )
  const time = io.style('dim', `${String(seq).padStart(4)} ${ts.slice(11, 23)}`)
  const line = `${time}  ${printable(step).padEnd(16)} ${toneMark(moment?.tone ?? 'info', io)} ${printable(what)}`
  return who.length === 0 ? line : `${line}  ${io.style('dim', printable(who.join(', ')))}`
}

/** The last lines of what a step printed; the whole is in the file that is named. */
function outputLines(folder: string, { type, data }: Event): string[] {
  if (type !== 'step-ended' && type !== 'undo-ended') return []
  const files = ((data['data'] as { process?: { files?: OutputFile[] } } | undefined)?.process?.files ??
    []) satisfies OutputFile[]
  return files.flatMap(({ file, stream, bytes }) => {
    const end = isSafeName(file) ? endWithin(folder, file, 8192) : undefined
    if (!end) return [`       ${stream}: ${file} is missing`]
    const lines = printable(end.toString('utf8').trimEnd()).split('\n')
    return [
      `       ${stream}: ${file} (${bytes} bytes)`,
      ...lines.slice(-20).map((line) => `       │ ${line}`),
    ]
  })
}
