import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { Stretch } from '../../engine/drive.ts'
import { evidenceFiles, runFolder } from '../../journal/record/run-store.ts'
import { parseKey } from '../../journal/record/event.ts'
import { writeMoment } from '../../kinds/wait/moment.ts'
import { printable } from '../../kit/io.ts'
import { runStatusWords } from '../../journal/story/tone.ts'
import { toneStyles } from '../shared/moment-line.ts'
import type { Io } from '../../kit/io.ts'
import { secretFlags } from '../shared/exec-line.ts'
import { shown } from '../shared/workspace.ts'

interface Ended {
  run: string
  /** Names of its secrets, which must be given again. */
  secrets: readonly string[]
}

/** Says how a stretch of a run ended, where its evidence is, and which command comes next. */
export function sayEnd(config: Config, { run, secrets }: Ended, end: Stretch, io: Io): void {
  if (io.json) return
  const folder = shown(runFolder(config.state, run), io.cwd)
  const page = config.site === undefined ? [] : [`  page     ${config.site}/runs/${run}/`]
  const head = headline({ run, secrets }, end, io)
  // The exit code for waiting promises the next command, however quiet the call is.
  if (end.type === 'waiting' && io.quiet) return io.say(head)
  io.note(`\n${head}`)
  const signed = `  ${signedWords(config, run, end, io)}`
  io.note(
    [`  journal  ${folder}/run.jsonl`, `  log      ${io.program} log ${run}`, signed, ...page].join('\n'),
  )
}

/** A run without a signature is called so wherever it is spoken of. */
function signedWords(config: Config, run: string, { unsigned }: Stretch, { program }: Io): string {
  if (unsigned !== undefined)
    return `UNSIGNED ${printable(unsigned)}; sign it later with: ${program} close ${run}`
  if (existsSync(join(runFolder(config.state, run), evidenceFiles.headSignature)))
    return `signed   ${program} verify ${run}`
  return existsSync(config.allowedSigners)
    ? 'UNSIGNED and allowed_signers asks for a signature, so verify fails: see RUNBOOK_SIGNING_KEY'
    : 'UNSIGNED nothing proves who made it: see RUNBOOK_SIGNING_KEY'
}

function headline({ run, secrets }: Ended, end: Stretch, io: Io): string {
  const again = secretFlags(secrets)
  if (end.type === 'waiting')
    return `${io.style('yellow', 'Waiting')}. ${nextCommand({ run, secrets }, end, io)}`
  const goOn = `Go on with: ${io.program} resume ${run}${again}\nUndo with:  ${io.program} rollback ${run}${again}`
  if (end.type === 'interrupted') return `${io.style('yellow', 'Stopped')}.\n${goOn}`
  const good = end.status === 'succeeded'
  const [, tone] = runStatusWords[end.status]
  const word = io.style(toneStyles[tone], good ? 'Done' : (headlines[end.status] ?? end.status))
  const first = `${word}. ${printable(end.message)}.`
  if (end.status === 'failed') return `${first}\nNothing after it was run.\n${goOn}`
  if (end.status === 'rolled-back' && end.offered)
    return `${first}\nUndo ${end.offered.join(', ')} too with: ${io.program} rollback ${run}${again}`
  if (end.status === 'rollback-failed')
    return `${first}\nA person must look. Go on with: ${io.program} rollback ${run}${again}`
  return end.status === 'stopped' ? `${first}\nUndo with:  ${io.program} rollback ${run}${again}` : first
}

const headlines: Record<string, string> = {
  failed: 'Failed',
  stopped: 'Stopped',
  'rolled-back': 'Rolled back',
  'rollback-failed': 'The rollback failed',
}

function nextCommand(
  { run, secrets }: Ended,
  end: Extract<Stretch, { type: 'waiting' }>,
  { program }: Io,
): string {
  const { step } = parseKey(end.topic)
  const resume = `${program} resume ${run}${secretFlags(secrets)}`
  const { question } = end
  switch (question.type) {
    case 'approval':
      return `Step \`${step}\` needs an approval by ${question.approvers.join(', ')}.\n  They decide with: ${program} approve ${end.run ?? run} ${step}\n  On their machine: ${program} request ${end.run ?? run} ${step} writes the file for it\n  Then go on with:  ${resume}`
    case 'go':
      return `Step \`${step}\` changes things and nobody was asked. Go on at a terminal, or with: ${resume} --yes`
    case 'task':
      return `Step \`${step}\` has tasks a person must tick. Go on at a terminal, or with: ${resume} --answers <file>`
    case 'confirm':
      return `Step \`${step}\` must be confirmed. Go on at a terminal, or with: ${resume} --answers <file>`
    case 'field':
      return `Step \`${step}\` asks for \`${question.name}\`. Go on at a terminal, or with: ${resume} --answers <file>`
    case 'moment':
      return `Step \`${step}\` waits until ${writeMoment(question.until)}. Resume it then with: ${resume}`
    case 'gate':
      return `Step \`${step}\` ${printable(question.reason)}. Decide at a terminal: ${resume}`
    case 'resolve': {
      const answers = question.canUndo ? 'done|again|undo|stop' : 'done|again|stop'
      return [
        `The outcome of ${question.title.startsWith('Undo: ') ? 'the undo of ' : ''}step \`${step}\` is unknown: ${printable(question.why)}.`,
        `  Its effect: ${printable(question.check)}.`,
        `  Look, then say so with: ${program} resolve ${end.run ?? run} ${step} --as ${answers} --reason "…"`,
        `  Then go on with:        ${resume}`,
      ].join('\n')
    }
    default:
      return `Step \`${step}\` waits for an answer. Go on at a terminal: ${resume}`
  }
}
