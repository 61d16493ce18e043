import type { LoadedKinds } from '../../kinds/index.ts'
import { asMarkup } from '../../journal/export/escape.ts'
import { verdictWords } from '../../journal/verify/verify-evidence.ts'
import type { ReadableRun } from '../readable-run.ts'
import { html } from '../markup.ts'
import { inlineStyle } from '../inline-style.ts'
import { runPage } from '../run-page.ts'

/** The page of a run as one file that loads nothing from elsewhere; it prints. `checkedAt` is RFC 3339. */
export function htmlExport(readable: ReadableRun, checkedAt: string, kinds: LoadedKinds): string {
  const { head } = readable.story
  const { verification } = readable
  const style = ['alone.css', 'run.css'].map(inlineStyle).join('\n')
  const verdict = verification && html`<p class="verdict"><strong>${verdictWords(verification)}</strong></p>`
  const page = runPage(readable, { links: undefined, today: undefined, kinds, checkedAt })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${asMarkup(`${head.title}: ${head.words}`)}</title>
<style>${style}</style>
</head>
<body>
<main>
${verdict?.markup ?? ''}
${page.markup}
</main>
</body>
</html>
`
}
