import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { whoAmI } from '../engine/identity.ts'
import type { SessionEnd, SessionOptions } from '../engine/session.ts'
import { evidenceFiles, runFolder } from '../journal/store.ts'
import type { Plan } from '../model/plan.ts'
import { readAnswers } from './answers.ts'
import type { OptionValues } from './command.ts'
import { text } from './command.ts'
import { exitOf } from './exit.ts'
import type { Io } from './io.ts'
import { signerFor, trustFor } from './keys.ts'
import { makeOperator } from './operator.ts'
import { jsonReporter, textReporter } from './report.ts'
import { shown } from './workspace.ts'

/** Drives one stretch of a run from the command line: signals, questions, screen, and the words at its end. */
export async function driveSession(
  config: Config,
  plan: Plan,
  secrets: Record<string, string>,
  io: Io,
  options: OptionValues,
  start: (options: SessionOptions) => Promise<{ run: string; end: SessionEnd }>,
): Promise<number> {
  const stop = new AbortController()
  const signals = listenForSignals(stop, io)
  const actor = whoAmI(io.env, 'runner')
  const file = text(options, 'answers')
  const answers = file === undefined ? undefined : readAnswers(file, io)
  const operator = makeOperator({
    io,
    actor,
    plan,
    yes: options['yes'] === true,
    answers,
    stop: () => stop.abort(),
  })
  const reporter = io.json ? jsonReporter(io) : textReporter(plan, io)
  try {
    const { run, end } = await start({
      state: config.state,
      actor,
      operator,
      secrets,
      cancelled: stop.signal,
      env: io.env,
      signer: signerFor(config, io),
      trust: trustFor(config),
      ...reporter,
    })
    sayEnd(config, run, end, io)
    return exitOf(end, signals.terminated())
  } finally {
    signals.remove()
  }
}

/** First signal: stop the step, journal, say how to go on. Second: leave at once. */
function listenForSignals(stop: AbortController, io: Io): { terminated(): boolean; remove(): void } {
  let last: NodeJS.Signals | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (last !== undefined) process.exit(signal === 'SIGINT' ? 130 : 143)
    last = signal
    io.note('\nStopping the step; once more leaves at once.')
    stop.abort()
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, onSignal)
  return {
    terminated: () => last === 'SIGTERM' || last === 'SIGHUP',
    remove: () => names.forEach((name) => process.off(name, onSignal)),
  }
}

function sayEnd(config: Config, run: string, end: SessionEnd, io: Io): void {
  if (io.json) return
  const folder = shown(runFolder(config.state, run), io.cwd)
  const page = config.site === undefined ? [] : [`  page     ${config.site}/runs/${run}/`]
  const signed = `  ${signedWords(config, run)}`
  const places = [`  journal  ${folder}/run.jsonl`, `  log      runbook log ${run}`, signed, ...page].join(
    '\n',
  )
  if (end.type === 'ended') {
    const good = end.status === 'succeeded'
    io.note(
      `\n${io.style(good ? 'green' : 'red', good ? 'Done' : (headlines[end.status] ?? end.status))}. ${end.message}.`,
    )
    if (end.status === 'failed')
      io.note(
        `Nothing after it was run. Go on with: runbook resume ${run}\nUndo with:  runbook rollback ${run}`,
      )
    if (end.status === 'rollback-failed') io.note(`A person must look. Go on with: runbook rollback ${run}`)
  } else if (end.type === 'waiting') {
    io.note(`\n${io.style('yellow', 'Waiting')}. ${nextCommand(run, end)}`)
  } else {
    io.note(`\n${io.style('yellow', 'Stopped')}. Go on with: runbook resume ${run}`)
  }
  io.note(places)
}

/** A run without a signature is called so wherever it is spoken of. */
function signedWords(config: Config, run: string): string {
  return existsSync(join(runFolder(config.state, run), evidenceFiles.headSignature))
    ? `signed   runbook verify ${run}`
    : 'UNSIGNED nothing proves who made it: see RUNBOOK_SIGNING_KEY'
}

const headlines: Record<string, string> = {
  failed: 'Failed',
  stopped: 'Stopped',
  'rolled-back': 'Rolled back',
  'rollback-failed': 'The rollback failed',
}

function nextCommand(run: string, end: Extract<SessionEnd, { type: 'waiting' }>): string {
  const step = end.topic.split(/[#/]/)[0] ?? ''
  const resume = `runbook resume ${run}`
  switch (end.question.type) {
    case 'approval':
      return `Step \`${step}\` needs an approval by ${end.question.approvers.join(', ')}.\n  They decide with: runbook approve ${run} ${step}\n  Then go on with:  ${resume}`
    case 'go':
      return `Step \`${step}\` changes things and nobody was asked. Go on at a terminal, or with: ${resume} --yes`
    case 'task':
      return `Step \`${step}\` has tasks a person must tick. Go on at a terminal, or with: ${resume} --answers <file>`
    case 'confirm':
      return `Step \`${step}\` must be confirmed. Go on at a terminal, or with: ${resume} --answers <file>`
    case 'gate':
      return `Step \`${step}\` ${end.question.reason}. Decide at a terminal: ${resume}`
    default:
      return `Nobody knows how step \`${step}\` ended. Say so at a terminal: ${resume}`
  }
}
