import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { checkerOf, usualTrust } from '../../engine/sign/trust.ts'
import { asMarkup } from '../../journal/export/escape.ts'
import { evidenceFiles } from '../../journal/record/run-store.ts'
import { listEntries, readEntry } from '../../library.ts'
import { checklistPage } from '../../pages/checklist-page.ts'
import { evidenceOf } from '../../pages/evidence-section.ts'
import { linksFrom } from '../../pages/run-addresses.ts'
import type { Around } from '../../pages/run-addresses.ts'
import { groupsOf, runsPage } from '../../pages/runs-page.ts'
import { isReadable, runIds } from '../../pages/readable-run.ts'
import type { JudgeOf, ReadableRun } from '../../pages/readable-run.ts'
import { runPage } from '../../pages/run-page.ts'
import type { Io } from '../../kit/io.ts'
import { trustFor } from '../shared/keys.ts'
import { idOf, remembering, stateOf } from './run-changes.ts'
import type { Answer, PageSource } from './page-server.ts'
import { isFile, siteHeaders } from './built-site.ts'
import { fileBody } from './file-body.ts'

/** The pages of runs as their journals are at this moment, in the frames of a built site. */
export function liveRuns(config: Config, site: string, base: string, io: Io): PageSource {
  const { state } = config
  const links = linksFrom(base)
  const headers = siteHeaders(site)
  const judgeOf: JudgeOf = (folder) => {
    const { trust, words } = usualTrust(trustFor(config), folder)
    return { check: checkerOf(trust, io.env), source: words }
  }
  const whole = remembering(state, judgeOf)
  // The index shows whether files hold together; whose the keys are, each run's own page says.
  const listed = remembering(state, () => ({ check: undefined, source: 'none' }))

  return {
    version: (path) => {
      const run = /^runs\/([^/]+)\/$/.exec(path)?.[1]
      const id = run === undefined ? undefined : idOf(state, run)
      return id === undefined ? undefined : stateOf(state, id)
    },
    answer: async (path) => {
      const [area, name = '', ...rest] = path.split('/')
      if (area !== 'runs' || path === area) return undefined
      if (name === '' || name === 'by') return index(rest.join('/').replace(/\/$/, ''))
      if (path === `runs/${evidenceFiles.index}`) return bytes(join(state, evidenceFiles.index))
      const id = idOf(state, name)
      return id === undefined ? undefined : ofRun(id, rest.join('/'))
    },
  }

  function index(group: string): Answer | undefined {
    const runs = runIds(state).map(listed)
    const groups = groupsOf(runs)
    const chosen = group === '' ? undefined : groups.find(({ path }) => path === group)
    if (group !== '' && !chosen) return undefined
    return framed('runs/index.html', runsPage(runs, groups, links, chosen).markup, chosen?.words ?? 'Runs')
  }

  async function ofRun(id: string, rest: string): Promise<Answer | undefined> {
    const readable = whole(id)
    // The site has a page that says so.
    if (!isReadable(readable)) return undefined
    const { title } = readable.state
    if (rest === '')
      return framed(
        'runs/live/index.html',
        runPage(readable, await around(readable)).markup,
        `Run of ${title}`,
      )
    if (rest === 'checklist/')
      return framed(
        'runs/live/index.html',
        checklistPage(readable, await around(readable)).markup,
        `Checklist: ${title}`,
      )
    const file = rest.replace(/^evidence\//, '')
    const isEvidence = rest.startsWith('evidence/') && evidenceOf(readable).some((one) => one.file === file)
    return isEvidence ? bytes(join(readable.folder, file)) : undefined
  }

  function bytes(file: string): Answer | undefined {
    return isFile(file) ? { body: fileBody(file), type: 'application/octet-stream', headers } : undefined
  }

  async function around({ state: { slug } }: ReadableRun): Promise<Around> {
    const checkedAt = new Date().toISOString()
    const entry = listEntries(config.content).find((candidate) => candidate.slug === slug)
    const kinds = await config.kinds.load()
    if (!entry) return { links, today: undefined, kinds, checkedAt }
    const { document, bytes: text } = await readEntry(entry, config.root, config.kinds)
    const anchors = new Set([
      ...document.anchors.map(({ name }) => name),
      ...document.steps.map(({ id }) => id),
    ])
    return {
      links,
      today: { text: text.toString('utf8'), sha256: document.sha256, anchors },
      kinds,
      checkedAt,
    }
  }

  /** A built page with another article in it, marked as live. */
  function framed(page: string, article: string, title: string): Answer {
    const markup = readFileSync(join(site, page), 'utf8')
      .replace('<html ', '<html data-live ')
      .replace(/<title>[^<]*<\/title>/, () => `<title>${asMarkup(title)} · Runbook</title>`)
      .replace(/<article[\s\S]*<\/article>/, () => article)
    return { body: markup, type: 'text/html; charset=utf-8', headers }
  }
}
