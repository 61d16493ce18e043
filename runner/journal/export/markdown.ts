import { formatDuration } from '../../model/duration.ts'
import { fenceMarks } from '../../model/fence-marks.ts'
import { verdictWords } from '../verify.ts'
import { asLine } from './lines.ts'
import type { RunReport, StepReport } from './report.ts'

/** The run as a page of Markdown. */
export function markdownReport(report: RunReport): string {
  const { verification } = report
  const inputs = Object.entries(report.inputs).map(([name, value]) => `- ${asLine(name)}: ${asLine(value)}`)
  return [
    `# ${asLine(report.title)}: ${report.status}`,
    '',
    `Run \`${report.run}\` of \`${report.slug}\`, started ${report.startedAt} by ${asLine(report.by.id)} on ${asLine(report.by.host)}${report.endedAt ? `, ended ${report.endedAt}` : ''}. ${asLine(report.message)}`,
    '',
    `**${verdictWords(verification)}**`,
    '',
    ...(inputs.length > 0 ? ['## Inputs', '', ...inputs, ''] : []),
    '## Steps',
    '',
    ...report.steps.flatMap(stepLines),
    '## Checks',
    '',
    ...verification.checks.map(({ name, status, message }) => `- ${status} · ${name}: ${asLine(message)}`),
    '',
    `Document ${report.documentSha256}, plan ${report.planSha256}.`,
    '',
  ].join('\n')
}

function stepLines(step: StepReport): string[] {
  const output = step.output.flatMap(({ file, sha256, text }) => [
    `- \`${file}\` ${sha256}`,
    '',
    ...(text === undefined ? [] : fenced(text)),
  ])
  return [
    `### ${asLine(step.title)}`,
    '',
    `- \`${step.id}\` · ${step.kind} · **${step.status}** ${asLine(step.message)}`,
    ...(step.startedAt
      ? [`- ${step.startedAt}, ${formatDuration(step.ms)}, attempts: ${step.attempts}`]
      : []),
    ...step.decisions.map(({ by, type, ts, note }) =>
      `- ${type} by ${asLine(by.id)} at ${ts} ${asLine(note)}`.trimEnd(),
    ),
    ...output,
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
