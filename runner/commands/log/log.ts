import { stepNamed } from '../../engine/plan/selection.ts'
import { asText } from '../../model/json.ts'
import { isSafeName } from '../../journal/evidence.ts'
import { endWithin } from '../../journal/folder.ts'
import type { StoredRun } from '../../journal/store.ts'
import { hasSignature, readRun } from '../../journal/store.ts'
import type { Event } from '../../journal/event.ts'
import { parseKey } from '../../journal/event.ts'
import type { OutputFile } from '../../kinds/kind.ts'
import type { Request } from './index.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'

export async function run({ io, args }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const stored = readRun(config.state, findRun(config, args.run))
  const step = args.step
  if (step !== undefined) stepNamed(stored.plan, step)
  const events = stored.events.filter(({ key }) => step === undefined || parseKey(key).step === step)
  if (io.json) {
    for (const event of events) io.out(JSON.stringify(event))
    return exit.done
  }
  if (step === undefined) heading(stored, io)
  const named = step === undefined ? stored.state.actor.id : undefined
  for (const event of events) {
    io.out(eventLine(event, named, io))
    for (const line of outputLines(stored.folder, event)) io.out(line)
  }
  if (events.length === 0) io.note(`Nothing of \`${step}\` is in the journal: the run did not come to it.`)
  return exit.done
}

function heading({ state, plan, folder }: StoredRun, io: Io): void {
  io.out(`${io.style('bold', printable(state.title))}  ${state.run}`)
  io.out(`  ${state.status}${state.message ? `: ${printable(state.message)}` : ''}`)
  io.out(`  by ${printable(state.actor.id)} on ${state.actor.host}, document ${plan.sha256.slice(0, 12)}`)
  io.out(
    hasSignature(folder)
      ? `  signed: see runbook verify ${state.run}`
      : '  UNSIGNED: nothing proves who made it',
  )
  for (const [name, value] of Object.entries(plan.inputs)) io.out(`  ${name} = ${printable(value)}`)
  io.out('')
}

/** Who did it stands in each line, unless it is who the heading has named. */
function eventLine({ seq, ts, type, key, actor, data }: Event, named: string | undefined, io: Io): string {
  const message = data['message'] ?? data['reason'] ?? data['answer'] ?? data['decision'] ?? ''
  const words = printable([actor.id === named ? '' : actor.id, actor.via].join(' ').trim())
  const who = actor.id === named && actor.via === 'runner' ? '' : io.style('dim', words)
  return `${io.style('dim', `${String(seq).padStart(4)} ${ts.slice(11, 23)}`)}  ${type.padEnd(18)} ${key.padEnd(20)} ${printable(asText(message))}  ${who}`.trimEnd()
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
