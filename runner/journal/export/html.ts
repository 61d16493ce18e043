import { formatDuration } from '../../model/duration.ts'
import { verdictWords } from '../verify.ts'
import { asMarkup } from './lines.ts'
import type { RunReport, StepReport } from './report.ts'

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #bbb}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f3f3f3;padding:.6rem;border:1px solid #ccc}
code{overflow-wrap:anywhere}.verdict{border:2px solid;padding:.6rem}section{break-inside:avoid}
@media print{body{margin:0;max-width:none}pre{border-color:#999}}`

/** One page with everything in it and nothing loaded from elsewhere; it prints. */
export function htmlReport(report: RunReport): string {
  const { title, status, run, slug, by, startedAt, endedAt, message, verification } = report
  const rows = verification.checks.map((check) => row([check.status, check.name, check.message]))
  const inputs = Object.entries(report.inputs).map(row)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${asMarkup(`${title}: ${status}`)}</title>
<style>${style}</style>
</head>
<body>
<h1>${asMarkup(title)}: ${asMarkup(status)}</h1>
<p>Run <code>${asMarkup(run)}</code> of <code>${asMarkup(slug)}</code>, started ${asMarkup(startedAt)} by ${asMarkup(by.id)} on ${asMarkup(by.host)}${endedAt ? `, ended ${asMarkup(endedAt)}` : ''}. ${asMarkup(message)}</p>
<p class="verdict"><strong>${verdictWords(verification)}</strong></p>
${inputs.length > 0 ? `<h2>Inputs</h2>\n<table>${inputs.join('')}</table>` : ''}
<h2>Steps</h2>
${report.steps.map(stepSection).join('\n')}
<h2>Checks</h2>
<table>${rows.join('')}</table>
<p>Document <code>${asMarkup(report.documentSha256)}</code>, plan <code>${asMarkup(report.planSha256)}</code>.</p>
</body>
</html>
`
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${asMarkup(cell)}</td>`).join('')}</tr>\n`
}

function stepSection(step: StepReport): string {
  const decided = step.decisions.map(({ by, type, ts, note }) => row([type, by.id, ts, note]))
  const output = step.output.map(
    ({ file, sha256, text }) =>
      `<p><code>${asMarkup(file)}</code> <code>${asMarkup(sha256)}</code></p>${text === undefined ? '' : `<pre>${asMarkup(text)}</pre>`}`,
  )
  return `<section id="${asMarkup(step.id)}">
<h3>${asMarkup(step.title)}: ${asMarkup(step.status)}</h3>
<p><code>${asMarkup(step.id)}</code> · ${asMarkup(step.kind)} · ${asMarkup(step.message)}${step.startedAt ? ` · ${asMarkup(step.startedAt)}, ${formatDuration(step.ms)}` : ''}</p>
${decided.length > 0 ? `<table>${decided.join('')}</table>` : ''}
${output.join('\n')}
</section>`
}
