import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { checkerOf, usualTrust } from '../../engine/sign/trust.ts'
import { hasRunner } from '../../engine/lock.ts'
import { readAsked } from '../../engine/people/asked.ts'
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
import { waitingStory } from '../../pages/waiting-story.ts'
import type { Io } from '../../kit/io.ts'
import { trustFor } from '../shared/people/keys.ts'
import { idOf, remembering, stateOf } from './run-changes.ts'
import type { Session } from '../../http/access.ts'
import type { Acting } from '../../pages/acting/acting.ts'
import { orderedPage } from '../../pages/acting/ordered-page.ts'
import type { OrderedRun } from '../../pages/acting/ordered-page.ts'
import type { Markup } from '../../pages/markup.ts'
import type { Answer, PageSource } from './page-server.ts'
import { isFile, siteHeaders } from './built-site.ts'
import { fileBody } from './file-body.ts'

/** A refused act: what is said on the page, and what was filled in. */
export interface Refusal {
  problem: string
  given?: Readonly<Record<string, string>>
}

export interface LivePages extends PageSource {
  /** The page of a run for one browser; undefined when it cannot be read. */
  runFor(id: string, session: Session, refusal?: Refusal): Promise<Answer | undefined>
  /** An article in the frame of the site. */
  framed(article: Markup, title: string): Answer
  /** The version of the page of a run, by its name in the address: it changes whenever the page does. Undefined for no page. */
  versionAt(name: string, session: Session): Promise<string | undefined>
}

export interface LiveOptions {
  config: Config
  site: string
  base: string
  io: Io
  /** Which server it is; the script of the page words what it says by it. */
  server: 'own' | 'hub'
  /** The order of an address whose run has no journal yet. */
  ordered(name: string, session: Session): Promise<OrderedRun | undefined>
  /** The part of the page that acts, for one browser. */
  actingFor(run: ReadableRun, around: Around, session: Session, refusal?: Refusal): Promise<Acting>
}

/** Without the tokens of its forms, and without the heartbeats of runners. */
function orderVersion(order: OrderedRun): string {
  return JSON.stringify(order, (name, value: unknown) =>
    name === 'withdraw' || name === 'seenAt' ? '' : value,
  )
}

/** The output of a program is saved, and never shown as a page of this server. */
function asAttachment(answer: Answer | undefined): Answer | undefined {
  const safe = {
    'content-disposition': 'attachment',
    'content-security-policy': "default-src 'none'; sandbox",
  }
  return answer && { ...answer, headers: { ...answer.headers, ...safe } }
}

/** A run with the question that its process asks, which is not in the journal yet. */
function asWaiting(run: ReadableRun): ReadableRun {
  if (run.state.endedAt !== undefined) return run
  return { ...run, story: waitingStory(run, readAsked(run.folder, run.events)?.topic) }
}

/** The pages of runs as their journals are at this moment, in the frames of a built site. */
export function liveRuns({ config, site, base, io, server, ordered, actingFor }: LiveOptions): LivePages {
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
    version: ({ path, session }) => {
      const run = /^runs\/([^/]+)\/$/.exec(path)?.[1]
      const id = run === undefined ? undefined : idOf(state, run)
      return id === undefined ? undefined : versionOf(id, session)
    },
    answer: async ({ path, session }) => {
      const [area, name = '', ...rest] = path.split('/')
      if (area !== 'runs' || path === area) return undefined
      if (name === '' || name === 'by') return index(rest.join('/').replace(/\/$/, ''), session)
      if (path === `runs/${evidenceFiles.index}`) return bytes(join(state, evidenceFiles.index))
      const id = idOf(state, name)
      return id === undefined ? ofOrder(name, rest.join('/'), session) : ofRun(id, rest.join('/'), session)
    },
    runFor,
    framed: (article, title) => framed('runs/live/index.html', article.markup, title),
    async versionAt(name, session) {
      const id = idOf(state, name)
      if (id !== undefined) return versionOf(id, session)
      const order = await ordered(name, session)
      return order && orderVersion(order)
    },
  }

  function versionOf(id: string, { id: browser, person }: Session): string {
    const readable = whole(id)
    // The process of a run ends after its last event.
    const isDriven = isReadable(readable) && hasRunner(state, readable.plan.concurrency, id)
    return [stateOf(state, id), isDriven, browser, person].join()
  }

  async function runFor(id: string, session: Session, refusal?: Refusal): Promise<Answer | undefined> {
    const readable = whole(id)
    // The site has a page that says so.
    if (!isReadable(readable)) return undefined
    const place = await around(readable)
    const acting = await actingFor(readable, place, session, refusal)
    const { title } = readable.state
    return framed('runs/live/index.html', runPage(readable, { ...place, acting }).markup, `Run of ${title}`)
  }

  function index(group: string, session: Session): Answer | undefined {
    const runs = runIds(state)
      .map(listed)
      .filter((run) => session.sees(isReadable(run) ? run.state.slug : ''))
      .map((run) => (isReadable(run) ? asWaiting(run) : run))
    const groups = groupsOf(runs)
    const chosen = group === '' ? undefined : groups.find(({ path }) => path === group)
    if (group !== '' && !chosen) return undefined
    return framed('runs/index.html', runsPage(runs, groups, links, chosen).markup, chosen?.words ?? 'Runs')
  }

  async function ofRun(id: string, rest: string, session: Session): Promise<Answer | undefined> {
    if (rest === '') return runFor(id, session)
    const readable = whole(id)
    if (!isReadable(readable)) return undefined
    const { title } = readable.state
    if (rest === 'checklist/')
      return framed(
        'runs/live/index.html',
        checklistPage(readable, await around(readable)).markup,
        `Checklist: ${title}`,
      )
    const file = rest.replace(/^evidence\//, '')
    const isEvidence = rest.startsWith('evidence/') && evidenceOf(readable).some((one) => one.file === file)
    return isEvidence ? asAttachment(bytes(join(readable.folder, file))) : undefined
  }

  async function ofOrder(name: string, rest: string, session: Session): Promise<Answer | undefined> {
    const order = rest === '' ? await ordered(name, session) : undefined
    if (!order) return undefined
    return framed('runs/live/index.html', orderedPage(order, links).markup, `Run of ${order.title}`)
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
      .replace('<html ', `<html data-live="${server}" `)
      .replace(/<title>[^<]*<\/title>/, () => `<title>${asMarkup(title)} · Runbook</title>`)
      .replace(/<article[\s\S]*<\/article>/, () => article)
    return { body: markup, type: 'text/html; charset=utf-8', headers }
  }
}
