import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { usageFailure } from './lib/failure.ts'
import { runProgram } from './lib/program.ts'
import { suggestion } from './lib/suggest.ts'
import { required } from './lib/values.ts'
import { type NewLetter, letters } from './notify/outbox.ts'
import { type Delivered, addressed, channelNamed, deliveredText, outboxOf, sendAll } from './notify/send.ts'
import { readSeverities, severityNamed } from './notify/severities.ts'
import { TEMPLATES, fill, readTemplates, variablesOf } from './notify/template.ts'

const FILES = {
  outbox: {
    type: 'string',
    value: 'DIR',
    help: 'Where messages are kept until they are sent (default NOTIFY_OUTBOX, else .runbook/outbox).',
  },
  severities: { type: 'string', value: 'FILE', help: 'Default content/severities.yaml.' },
  preset: { type: 'string', value: 'NAME', help: 'Which list of severities (default what the file says).' },
  people: { type: 'string', value: 'FILE', help: 'Default content/people.yaml.' },
  templates: { type: 'string', value: 'FILE', help: 'Default content/status/templates.yaml.' },
  strict: {
    type: 'boolean',
    help: 'Exit with 1 when something is not sent. Without it that is told and fails nothing.',
  },
  ...COMMON,
} as const

const VARIABLES = {
  template: { type: 'string', value: 'NAME', help: 'What is said; templates.yaml lists them.' },
  var: { type: 'string', multiple: true, value: 'K=V', help: 'A value for the template; again for each.' },
} as const

const ACTIONS = ['trigger', 'acknowledge', 'resolve'] as const

const send = command({
  summary: 'tells everybody a severity names, each once per event however often it is called.',
  options: {
    event: {
      type: 'string',
      value: 'KEY',
      help: 'What happened; the same key again sends nothing twice (default: run, step).',
    },
    severity: { type: 'string', value: 'ID', help: 'Such as P1: decides who hears of it.' },
    channel: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: 'These channels instead of those of the severity.',
    },
    action: { type: 'string', value: 'ACTION', help: `For pagers: ${ACTIONS.join(', ')} (default trigger).` },
    incident: { type: 'string', value: 'ID', help: 'Which incident it is about.' },
    link: { type: 'string', value: 'URL', help: 'Where to read on.' },
    ...VARIABLES,
    ...FILES,
    ...DRY_RUN,
  } as const,
  async run(values): Promise<Outcome> {
    const rules = readSeverities(values.severities ?? 'content/severities.yaml', values.preset)
    const severity = values.severity ?? ''
    const names = values.channel ?? severityNamed(required(values.severity, '--severity'), rules).notify
    const action = ACTIONS.find((one) => one === (values.action ?? 'trigger'))
    if (action === undefined)
      throw usageFailure(
        `Unknown action "${values.action}".`,
        'There are three.',
        suggestion(values.action ?? '', ACTIONS),
      )
    const templates = readTemplates(values.templates ?? TEMPLATES)
    const variables = variablesOf(values.var)
    const event = values.event ?? eventOf()
    const people = values.people ?? 'content/people.yaml'
    // All texts first: a hole in the last one must not leave half of the people told.
    const batch = names.flatMap((name) => {
      const channel = channelNamed(name, rules)
      const own = channel.type === 'email' ? channel.template : undefined
      const message = fill(templates, own ?? required(values.template, '--template'), variables)
      const letter = {
        event,
        channel: name,
        message,
        link: values.link ?? '',
        severity,
        action,
        subject: values.incident ?? event,
      }
      const { letters: all, problem } = addressed(letter, people, rules)
      if (problem !== undefined) process.stderr.write(`${name}: ${problem}\n`)
      return all
    })
    if (values['dry-run'] === true) return planned(batch)
    const sent = await sendAll(outboxOf(values.outbox), batch, rules)
    return report(sent, values.strict === true)
  },
})

const retry = command({
  summary: 'sends what is still waiting.',
  options: { ...DRY_RUN, ...FILES } as const,
  async run(values): Promise<Outcome> {
    const rules = readSeverities(values.severities ?? 'content/severities.yaml', values.preset)
    const waiting = letters(outboxOf(values.outbox)).filter(({ state }) => state !== 'sent')
    if (values['dry-run'] === true) return planned(waiting)
    const sent = await sendAll(outboxOf(values.outbox), waiting, rules)
    return report(sent, values.strict === true)
  },
})

const list = command({
  summary: 'lists what was sent and what waits.',
  options: FILES,
  run(values): Promise<Outcome> {
    return Promise.resolve(
      report(
        letters(outboxOf(values.outbox)).map((letter) => ({ letter, already: false })),
        values.strict === true,
      ),
    )
  },
})

const render = command({
  summary: 'prints a message without sending it.',
  options: { ...VARIABLES, ...FILES } as const,
  run(values): Promise<Outcome> {
    const templates = readTemplates(values.templates ?? TEMPLATES)
    const message = fill(templates, required(values.template, '--template'), variablesOf(values.var))
    return Promise.resolve({ document: message, text: `${message.body}\n` })
  },
})

function eventOf(): string {
  const run = process.env['RUNBOOK_RUN_ID']
  return required(run === undefined ? undefined : `${run}/${process.env['RUNBOOK_STEP_ID'] ?? ''}`, '--event')
}

function planned(batch: readonly NewLetter[]): Outcome {
  const lines = batch.map(
    ({ channel, to, message }) => `! ${channel}${to === '' ? '' : ` to ${to}`}: ${message.subject}\n`,
  )
  return { document: { ok: true, dryRun: true, letters: batch }, text: lines.join('') }
}

function report(found: readonly Delivered[], strict: boolean): Outcome {
  const open = found.filter(({ letter }) => letter.state !== 'sent')
  const hint =
    open.length === 0
      ? ''
      : `${open.length} of ${found.length} not sent; try again with: node scripts/notify.ts retry\n`
  return {
    document: {
      ok: open.length === 0,
      letters: found.map(({ letter, already }) => ({ ...letter, already })),
    },
    text: found.length === 0 ? 'nobody to tell\n' : found.map(deliveredText).join('') + hint,
    exitCode: strict && open.length > 0 ? 1 : 0,
  }
}

export const program: Program = {
  name: 'node scripts/notify.ts',
  summary: 'tells people, once each.',
  commands: { send, retry, list, render },
}

if (import.meta.main) await runProgram(program)
