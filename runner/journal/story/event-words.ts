import { asText, isRecord } from '../../model/values/json.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import { parseKey } from '../record/event.ts'
import type { Event, EventType } from '../record/event.ts'
import { runStatusWords } from './tone.ts'
import type { Tone, Words } from './tone.ts'
import { waitWords } from './waiting.ts'

interface EventContext {
  plan: Plan
  step: PlannedStep | undefined
}

/** The words for every type of event: one without words does not compile. */
export const eventWords: Record<EventType, (event: Event, context: EventContext) => Words> = {
  'run-started': ({ data }) => course('Run started', startReason(data)),
  'run-resumed': ({ data }) =>
    course('Run resumed', data['frozenPlan'] === true ? 'with the plan it began with' : ''),
  'run-paused': ({ data }, { plan }) =>
    text(data, 'topic') === ''
      ? course('Run interrupted', text(data, 'message'), 'warn')
      : course('Run paused', waitWords(text(data, 'topic'), plan)),
  'run-ended': ({ data }) => runEnd(data),
  'step-confirmed': ({ data }) => permission(data),
  'word-confirmed': ({ data }, { step }) =>
    data['answer'] === 'confirmed'
      ? decision('Confirmed', `by typing \`${asText(step?.attributes['confirm'] ?? '')}\``, 'ok')
      : decision('Not confirmed', '', 'bad'),
  'step-started': ({ key }) =>
    course(attemptOf(key) > 1 ? `Attempt ${attemptOf(key)} started` : 'Started', ''),
  'step-ended': ({ key, data }) => attemptEnd(`Attempt ${attemptOf(key)}`, data),
  'effect-checked': ({ data }) => detail('Effect checked', effectWords(data)),
  'outcome-resolved': ({ data }) => resolution(data),
  'step-skipped': ({ data }) => decision('Skipped', text(data, 'reason'), 'warn'),
  'step-failed': ({ data }) => stepEnd(data),
  'step-finished': ({ data }) => stepEnd(data),
  'task-ticked': ({ key, data }, { step }) => taskAnswer(data, step?.tasks[attemptOf(key) - 1]?.text),
  'approval-requested': ({ data }) => course('Approval requested', approvalNeed(data)),
  'approval-given': ({ data }) => decision('Approved', text(data, 'reason'), 'ok'),
  'approval-rejected': ({ data }) => decision('Rejected', text(data, 'reason'), 'bad'),
  'approval-expired': ({ data }) => decision('Approval expired', text(data, 'reason'), 'bad'),
  'approval-replaced': ({ data }) => decision('Decision replaced', replacedWords(data['was']), 'warn'),
  'answer-refused': ({ data }) => decision('Decision does not count', refusedWords(data), 'warn'),
  'run-passed': ({ data }) =>
    exception('Passed in an emergency', `by run \`${text(data, 'run')}\`: ${text(data, 'reason')}`),
  'field-answered': ({ key, data }) =>
    decision(`Answered \`${key.split('/')[1] ?? ''}\``, text(data, 'value'), 'ok'),
  'wait-began': ({ data }) => course('Wait began', text(data, 'message')),
  'budget-exceeded': ({ data }) => exception('Late', text(data, 'message')),
  'run-included': ({ data }) => course('Nested run started', `\`${text(data, 'run')}\``),
  'moment-recorded': ({ key, data }) =>
    detail(key.endsWith('/retry') ? 'Retry planned' : 'Time recorded', timeOf(data['at'])),
  'gate-sampled': ({ data }) => detail('Sampled', sampleWords(data)),
  'gate-watched': ({ data }) => gateEnd(data),
  'gate-answered': ({ data }) => gateAnswer(data),
  'rollback-started': ({ data }) => exception('Rollback started', text(data, 'reason')),
  'undo-started': () => course('Undo started', ''),
  'undo-ended': ({ data }) =>
    data['status'] === 'passed'
      ? detail('Undo ended', text(data, 'message'))
      : course(
          data['status'] === 'unknown' ? 'Undo ended, result unknown' : 'Undo failed',
          text(data, 'message'),
          'bad',
        ),
  'undo-finished': ({ data }) => course('Undone', text(data, 'message'), 'ok'),
  'process-left': ({ data }) =>
    exception(
      'Process left running',
      `${text(data, 'message').replace(/^left process (\d+) running: /, '$1, ')}; it is in a session of its own`,
    ),
}

function course(what: string, more: string, tone: Tone = 'info'): Words {
  return { what, detail: more, tone, role: 'course' }
}

function detail(what: string, more: string): Words {
  return { what, detail: more, tone: 'info', role: 'detail' }
}

function decision(what: string, more: string, tone: Tone): Words {
  return { what, detail: more, tone, role: 'decision' }
}

function exception(what: string, more: string): Words {
  return { what, detail: more, tone: 'warn', role: 'exception' }
}

/** A member of an event as text; a journal may be from another version or changed, so it may be missing. */
function text(data: JsonObject, name: string): string {
  return asText(data[name])
}

function attemptOf(key: string): number {
  return parseKey(key).attempt
}

function timeOf(at: JsonObject[string] | undefined): string {
  const date = new Date(typeof at === 'number' ? at : Number.NaN)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}

function startReason(data: JsonObject): string {
  const { alert, parent, passed } = data
  return [
    data['practice'] === true ? 'as practice' : '',
    isRecord(alert) ? `for the alert ${asText(alert['name'])}` : '',
    isRecord(passed) ? `past run ${asText(passed['run'])} in an emergency: ${asText(passed['reason'])}` : '',
    isRecord(parent) ? `by step \`${asText(parent['step'])}\` of run ${asText(parent['run'])}` : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function runEnd(data: JsonObject): Words {
  const status = text(data, 'status')
  const [words, tone] = Object.hasOwn(runStatusWords, status)
    ? runStatusWords[status as keyof typeof runStatusWords]
    : [status, 'info' as const]
  return course(`Run ${words}`, text(data, 'message'), tone)
}

function permission(data: JsonObject): Words {
  const reason = text(data, 'reason')
  if (data['answer'] === 'skip') return decision('Skipped', reason, 'warn')
  if (data['answer'] === 'stop') return decision('Stopped before it began', reason, 'bad')
  return decision('Allowed to run', reason, 'ok')
}

/** An attempt that passed is told by the end of its step; any other is part of the course. */
function attemptEnd(name: string, data: JsonObject): Words {
  const status = text(data, 'status')
  const message = text(data, 'message')
  if (status === 'passed') return detail(`${name} passed`, message)
  const endings: Record<string, string> = {
    timeout: 'timed out',
    'not-started': 'did not start',
    unknown: 'ended, result unknown',
    breached: 'breached its limit',
    inconclusive: 'was inconclusive',
  }
  return course(`${name} ${endings[status] ?? status}`, message, 'warn')
}

function stepEnd(data: JsonObject): Words {
  const message = text(data, 'message')
  switch (data['status']) {
    case 'passed':
      return course('Passed', message, 'ok')
    case 'skipped':
      return course('Skipped', endWords(message), 'info')
    case 'stopped':
      return course('Stopped', message, 'bad')
    default:
      return course('Failed', message, 'bad')
  }
}

/** Why a step ended so; that it was skipped is said by its status. */
export function endWords(message: string): string {
  return message.replace(/^was skipped(: | )/, '')
}

function effectWords(data: JsonObject): string {
  const verdicts: Record<string, string> = { yes: 'it holds', no: 'it does not hold' }
  const verdict = verdicts[text(data, 'holds')] ?? 'unknown whether it holds'
  return [verdict, text(data, 'message')].filter((part) => part !== '').join(': ')
}

function resolution(data: JsonObject): Words {
  const reason = text(data, 'reason')
  switch (data['answer']) {
    case 'done':
      return decision('Outcome recorded as done', reason, 'ok')
    case 'again':
      return decision('Outcome unknown, to run again', reason, 'warn')
    case 'undo':
      return decision('Outcome unknown, to be undone', reason, 'warn')
    default:
      return decision('Outcome unknown, stopped', reason, 'bad')
  }
}

function taskAnswer(data: JsonObject, task = ''): Words {
  const said = [task, text(data, 'note'), text(data, 'evidence')].filter((part) => part !== '').join('; ')
  return data['answer'] === 'done'
    ? decision('Task done', said, 'ok')
    : decision('Task not applicable', said, 'warn')
}

function approvalNeed(data: JsonObject): string {
  const { approvers, deadline } = data
  const from = Array.isArray(approvers) ? approvers.map(asText).join(', ') : ''
  const until = timeOf(deadline)
  return `needs ${text(data, 'min') || '1'} of ${from}${until === '' ? '' : `, until ${until}`}`
}

/** The decision that lay in the inbox and was replaced before the run read it. */
function replacedWords(was: JsonObject[string] | undefined): string {
  if (!isRecord(was)) return 'the decision before it was not read yet'
  const { decision: word, by, reason } = was
  const who = isRecord(by) ? asText(by['id']) : ''
  const why = asText(reason)
  return `in place of \`${asText(word)}\`${who === '' ? '' : ` by ${who}`}, which the run had not read${why === '' ? '' : `: ${why}`}`
}

function sampleWords(data: JsonObject): string {
  return [text(data, 'verdict'), text(data, 'reason')].filter((part) => part !== '').join(': ')
}

function gateEnd(data: JsonObject): Words {
  const verdict = text(data, 'verdict')
  const tone: Tone = verdict === 'passed' ? 'ok' : verdict === 'failed' ? 'bad' : 'warn'
  const words = verdict === 'passed' || verdict === 'failed' ? verdict : `is ${verdict}`
  return course(`Gate ${words}`, text(data, 'reason'), tone)
}

function gateAnswer(data: JsonObject): Words {
  const reason = text(data, 'reason')
  switch (data['answer']) {
    case 'accept':
      return decision('Inconclusive gate accepted', reason, 'warn')
    case 'extend':
      return decision('Gate watched on', reason, 'info')
    case 'rollback':
      return decision('Inconclusive gate, to roll back', reason, 'bad')
    default:
      return decision('Inconclusive gate, stopped', reason, 'bad')
  }
}

/** Whose answer it was, why it does not count, and who may decide instead. */
function refusedWords(data: JsonObject): string {
  const may = Array.isArray(data['may']) ? data['may'].map(asText).join(', ') : ''
  const who = text(data, 'by') || 'somebody'
  return `${who}: ${text(data, 'why')}; may decide: ${may === '' ? 'no other person' : may}`
}
