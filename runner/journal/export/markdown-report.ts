import { actorWords } from '../../model/people/agents.ts'
import { formatDuration } from '../../model/values/duration.ts'
import { fenceMarks } from '../../model/text/fence-marks.ts'
import { decisionText } from '../story/story-moment.ts'
import { verdictWords } from '../verify/verify-evidence.ts'
import { asLine } from './escape.ts'
import type { ReportStep, RunReport } from './run-report.ts'

/** The run as a page of Markdown. */
export function markdownReport({ head, steps, decisions, verification }: RunReport): string {
  const { title, run, slug, words, message, by, startedAt, endedAt, waiting } = head
  return [
    `# ${asLine(title)}: ${words}`,
    '',
    `Run \`${run}\` of \`${slug}\`, started ${startedAt} by ${asLine(actorWords(by))} on ${asLine(by.host)}${endedAt ? `, ended ${endedAt}` : ''}. ${asLine(message)}`,
    '',
    ...(waiting && waiting.mayDecide.length > 0
      ? [`May decide: ${waiting.mayDecide.map(asLine).join(', ')}`, '']
      : []),
    `**${verdictWords(verification)}**`,
    '',
    ...section(
      'Inputs',
      head.inputs.map(({ name, value }) => `${asLine(name)}: ${asLine(value ?? '(secret)')}`),
    ),
    ...section(
      'Decisions and exceptions',
      decisions.map((moment) => asLine(decisionText(moment))),
    ),
    '## Steps',
    '',
    ...steps.flatMap(stepLines),
    ...section(
      'Checks',
      verification.checks.map(({ name, status, message: text }) => `${status} · ${name}: ${asLine(text)}`),
    ),
    `Document ${head.documentSha256}, plan ${head.planSha256}.`,
    '',
  ].join('\n')
}

function section(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`## ${title}`, '', ...items.map((item) => `- ${item}`), '']
}

function stepLines({
  id,
  kind,
  title,
  words,
  message,
  startedAt,
  ms,
  attempts,
  output,
}: ReportStep): string[] {
  return [
    `### ${asLine(title)}`,
    '',
    `- \`${id}\` · ${kind} · **${words}** ${asLine(message)}`.trimEnd(),
    ...(startedAt ? [`- ${startedAt}, ${formatDuration(ms ?? 0)}, attempts: ${attempts}`] : []),
    ...output.flatMap(({ file, sha256, text }) => [
      `- \`${file}\` ${sha256}`,
      '',
      ...(text === undefined ? [] : fenced(text)),
    ]),
    '',
  ]
}

function fenced(text: string): string[] {
  const fence = fenceMarks(text)
  return [
    `${fence}text`,
    text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '\ufffd').trimEnd(),
    fence,
    '',
  ]
}
