import { COMMON, DRY_RUN } from './lib/args.ts'
import { browserCheck, findBrowser } from './lib/browser-check.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { type Look, deliveryCheck, htmlCheck } from './lib/html-check.ts'
import { runProgram } from './lib/program.ts'
import { httpUrl, required } from './lib/values.ts'

const check = command({
  summary:
    'looks at a page as users get it: the HTML, every asset it names, and what a real browser makes of it.',
  options: {
    url: { type: 'string', value: 'URL', help: 'The page.' },
    root: { type: 'string', value: 'ID', help: 'The element that must hold the content (default root).' },
    title: { type: 'string', value: 'TEXT', help: 'Text that the title must contain.' },
    browser: { type: 'string', value: 'WHEN', help: 'auto (default: when there is one), always or never.' },
    ...DRY_RUN,
    ...COMMON,
  } as const,
  examples: ['node scripts/frontend-check.ts --url http://127.0.0.1:47100 --title Storefront'],
  async run(values): Promise<Outcome> {
    const url = httpUrl(required(values.url, '--url'), '--url')
    const root = values.root ?? 'root'
    const program = values.browser === 'never' ? undefined : findBrowser()
    if (values['dry-run'] === true)
      return {
        document: { ok: true, dryRun: true, url, browser: program ?? null },
        text: `$ would get ${url}/ and its assets${program === undefined ? '' : `, and open it in ${program}`}\n`,
      }
    const expected = { root, title: values.title }
    const looks = program === undefined ? await htmlCheck(url, expected) : await deliveryCheck(url)
    if (program !== undefined) looks.push(...(await browserCheck(program, url, expected)))
    else if (values.browser === 'always')
      looks.push({ name: 'browser', ok: false, detail: 'no Chromium or Chrome was found' })
    return report(url, looks, program)
  },
})

function report(url: string, looks: readonly Look[], browser: string | undefined): Outcome {
  const failed = looks.filter(({ ok }) => !ok)
  const lines = looks.map(({ name, ok, detail }) => `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${detail}\n`)
  const note = browser === undefined ? 'note: no browser looked at it, only the HTML was read\n' : ''
  const last =
    failed.length === 0
      ? `the page is whole: ${url}\n`
      : `${failed.length} of ${looks.length} failed: ${url}\n`
  return {
    document: { ok: failed.length === 0, url, browser: browser ?? null, looks },
    text: lines.join('') + note + last,
    exitCode: failed.length === 0 ? 0 : 1,
    remedy:
      'Each line says what was asked and what came back; --url is the address that was asked. Do not send users there.',
  }
}

export const program: Program = {
  name: 'node scripts/frontend-check.ts',
  summary: 'check a page. Only reads.',
  commands: { check },
  fallback: 'check',
}

if (import.meta.main) await runProgram(program)
