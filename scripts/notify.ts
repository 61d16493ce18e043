import {
  defineCommand,
  defineProgram,
  flag,
  many,
  optional,
  required,
  withDefault,
} from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { assignment, choice, filePath, httpUrl, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { needed } from '../runner/kit/read-values.ts'
import { type NewLetter, letters } from './programs/notify/outbox.ts'
import {
  type Delivered,
  addressed,
  channelNamed,
  deliveredText,
  outboxOf,
  sendAll,
} from './programs/notify/send.ts'
import { readSeverities, severityNamed } from './programs/notify/severity-channels.ts'
import { TEMPLATES, fill, readTemplates } from './programs/notify/message-template.ts'

const FILES = {
  outbox: optional(
    filePath('folder'),
    'Where messages are kept until they are sent. Default: NOTIFY_OUTBOX, else .runbook/outbox.',
  ),
  severities: withDefault(filePath('file'), 'content/severities.yaml', 'Who hears of what.'),
  preset: optional(string('name'), 'Which list of severities. Default: what the file says.'),
  people: withDefault(filePath('file'), 'content/people.yaml', 'Addresses of the people.'),
  templates: withDefault(filePath('file'), TEMPLATES, 'The texts.'),
  strict: flag('Exit with 1 when something is not sent. Without it that is told and fails nothing.'),
}

const VARIABLES = {
  template: required(string('name'), 'Name of the template; templates.yaml lists them.'),
  var: many(assignment, 'A value for the template.'),
}

const ACTIONS = ['trigger', 'acknowledge', 'resolve'] as const

const send = defineCommand({
  name: 'send',
  summary: 'Tell everybody a severity names, each once per event however often it is called.',
  args: {},
  options: {
    event: optional(string('key'), 'Key of the event; a key is sent only once. Default: run and step.'),
    severity: optional(string('id'), 'Such as P1: decides who hears of it.'),
    channel: many(string('name'), 'These channels instead of those of the severity.'),
    action: withDefault(choice(ACTIONS), 'trigger', 'For pagers.'),
    incident: optional(string('id'), 'Which incident it is about.'),
    link: optional(httpUrl, 'Where to read on.'),
    ...VARIABLES,
    ...FILES,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const rules = readSeverities(options.severities, options.preset)
    const severity = options.severity ?? ''
    const names =
      options.channel.length > 0
        ? options.channel
        : severityNamed(needed(options.severity, '--severity'), rules).notify
    const templates = readTemplates(options.templates)
    const variables = Object.fromEntries(options.var)
    const event = options.event ?? eventOf()
    // All texts first: a hole in the last one must not leave half of the people told.
    const batch = names.flatMap((name) => {
      const channel = channelNamed(name, rules)
      const own = channel.type === 'email' ? channel.template : undefined
      const message = fill(templates, textFor(own, options.template, templates), variables)
      const letter = {
        event,
        channel: name,
        message,
        link: options.link ?? '',
        severity,
        action: options.action,
        subject: options.incident ?? event,
      }
      const { letters: all, problem } = addressed(letter, options.people, rules)
      if (problem !== undefined) process.stderr.write(`${name}: ${problem}\n`)
      return all
    })
    if (dryRun) return planned(batch)
    const sent = await sendAll(outboxOf(options.outbox), batch, rules)
    return report(sent, options.strict)
  },
})

const retry = defineCommand({
  name: 'retry',
  summary: 'Send what is still waiting.',
  args: {},
  options: { ...FILES },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const rules = readSeverities(options.severities, options.preset)
    const waiting = letters(outboxOf(options.outbox)).filter(({ state }) => state !== 'sent')
    if (dryRun) return planned(waiting)
    const sent = await sendAll(outboxOf(options.outbox), waiting, rules)
    return report(sent, options.strict)
  },
})

const list = defineCommand({
  name: 'list',
  summary: 'List what was sent and what waits.',
  args: {},
  options: FILES,
  effect: 'read',
  examples: [],
  run({ options }): Promise<CommandReport> {
    return Promise.resolve(
      report(
        letters(outboxOf(options.outbox)).map((letter) => ({ letter, already: false })),
        options.strict,
      ),
    )
  },
})

const render = defineCommand({
  name: 'render',
  summary: 'Print a message without sending it.',
  args: {},
  options: { ...VARIABLES, ...FILES },
  effect: 'read',
  examples: [],
  run({ options }): Promise<CommandReport> {
    const templates = readTemplates(options.templates)
    const message = fill(templates, options.template, Object.fromEntries(options.var))
    return Promise.resolve({ document: message, text: `${message.body}\n` })
  },
})

/**
 * The text of a channel for what is said: `enterprise-mail-resolved` for `resolved`. A channel without one of its own
 * for that gets the common text, so that none says something else.
 */
function textFor(own: string | undefined, said: string, templates: ReadonlyMap<string, unknown>): string {
  const names = own === undefined ? [] : [`${own}-${said}`, own]
  return names.find((name) => templates.has(name)) ?? said
}

function eventOf(): string {
  const run = process.env['RUNBOOK_RUN_ID']
  return needed(run === undefined ? undefined : `${run}/${process.env['RUNBOOK_STEP_ID'] ?? ''}`, '--event')
}

function planned(batch: readonly NewLetter[]): CommandReport {
  const lines = batch.map(
    ({ channel, to, message }) => `! ${channel}${to === '' ? '' : ` to ${to}`}: ${message.subject}\n`,
  )
  return { document: { ok: true, dryRun: true, letters: batch }, text: lines.join('') }
}

function report(delivered: readonly Delivered[], strict: boolean): CommandReport {
  const open = delivered.filter(({ letter }) => letter.state !== 'sent')
  const hint =
    open.length === 0
      ? ''
      : `${open.length} of ${delivered.length} not sent; try again with: runbook notify retry\n`
  return {
    document: {
      ok: open.length === 0,
      letters: delivered.map(({ letter, already }) => ({ ...letter, already })),
    },
    text: delivered.length === 0 ? 'nobody to tell\n' : delivered.map(deliveredText).join('') + hint,
    exitCode: strict && open.length > 0 ? 1 : 0,
  }
}

export const program = defineProgram({
  name: 'runbook notify',
  summary: 'Tell people, once each.',
  commands: [send, retry, list, render],
})

if (import.meta.main) await runProgram(program)
