import { defineCommand, defineProgram, many, optional, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { choice, httpUrl, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { browserCheck, findDriven } from './programs/frontend-check/browser-check.ts'
import { needed } from '../runner/kit/read-values.ts'
import { requestJson } from './lib/ask-json.ts'
import { isAddress, systemName } from './domain/system-name.ts'
import { ENVIRONMENT, environmentOf } from './domain/environments.ts'
import { type Look, deliveryCheck, htmlCheck } from './programs/frontend-check/html-check.ts'

const check = defineCommand({
  name: 'check',
  summary: 'Check a page as users get it: the HTML, every asset it names, and the result in a real browser.',
  args: {},
  options: {
    url: optional(httpUrl, 'The page.'),
    root: optional(string('id'), 'The element that must hold the content. Default: root.'),
    title: optional(string('text'), 'Text that the title must contain.'),
    element: many(string('id'), 'Another element that must be there with content, such as a component.'),
    lab: optional(
      systemName,
      'The system behind the page: a lab, or the name of an environment, as with --environment.',
    ),
    ...ENVIRONMENT,
    browser: withDefault(
      choice(['auto', 'always', 'never']),
      'auto',
      'Whether a browser looks too; auto when there is one.',
    ),
  },
  effect: 'write',
  examples: [
    'runbook frontend-check --url http://127.0.0.1:47100 --title Storefront --element products',
    'scripts/release_frontend_check.sh local',
  ],
  async run({ io, options, dryRun }): Promise<CommandReport> {
    const named = options.lab === undefined || isAddress(options.lab) ? undefined : options.lab
    const environment = await environmentOf({ ...options, environment: options.environment ?? named })
    const frontend = environment?.frontend
    const url = needed(options.url ?? environment?.site, '--url')
    if (frontend === false) return await answers(url, dryRun)
    const browser = options.browser === 'never' ? undefined : findDriven(io.cwd)
    const driven = browser?.ok ? browser.value : undefined
    const program = driven?.program
    if (dryRun)
      return {
        document: { ok: true, dryRun: true, url, browser: program ?? null },
        text: `$ would get ${url}/ and its assets${program === undefined ? '' : `, and open it in ${program}`}\n`,
      }
    const expected = {
      title: options.title ?? frontend?.title,
      elements: [
        options.root ?? frontend?.root ?? 'root',
        ...(options.element.length > 0 ? options.element : (frontend?.elements ?? [])),
      ],
    }
    const looks = driven ? await deliveryCheck(url) : await htmlCheck(url, expected)
    if (driven) looks.push(...(await browserCheck(driven, url, expected)))
    const why = browser && !browser.ok ? browser.problem.message : undefined
    if (why !== undefined && options.browser === 'always')
      looks.push({ name: 'browser', ok: false, detail: why })
    return report(url, looks, program, why)
  },
})

/** For a system without a page: where users ask, something answers. */
async function answers(url: string, dryRun: boolean): Promise<CommandReport> {
  const asked = `${url}/version`
  if (dryRun) return { document: { ok: true, dryRun: true, url }, text: `$ would get ${asked}\n` }
  const { status, body } = await requestJson('GET', asked)
  const ok = status < 400
  const detail = `${status}, ${JSON.stringify(body)}`
  return {
    document: { ok, url, looks: [{ name: 'version', ok, detail }] },
    text: `${ok ? 'ok  ' : 'FAIL'} version    ${detail}\nThe environment has no page: only ${asked} was asked\n`,
    exitCode: ok ? 0 : 1,
    hint: 'Do not send users there.',
  }
}

function report(
  url: string,
  looks: readonly Look[],
  browser: string | undefined,
  why = 'it was not asked for',
): CommandReport {
  const failed = looks.filter(({ ok }) => !ok)
  const lines = looks.map(({ name, ok, detail }) => `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${detail}\n`)
  const note = browser === undefined ? `note: no browser looked at it, only the HTML was read; ${why}\n` : ''
  const last =
    failed.length === 0
      ? `the page is whole: ${url}\n`
      : `${failed.length} of ${looks.length} failed: ${url}\n`
  return {
    document: { ok: failed.length === 0, url, browser: browser ?? null, looks },
    text: lines.join('') + note + last,
    exitCode: failed.length === 0 ? 0 : 1,
    hint: 'Each line says what was asked and what came back; --url is the address that was asked. Do not send users there.',
  }
}

export const program = defineProgram({
  name: 'runbook frontend-check',
  summary: 'Check a page. Only reads.',
  commands: [check],
  fallback: 'check',
})

if (import.meta.main) await runProgram(program)
