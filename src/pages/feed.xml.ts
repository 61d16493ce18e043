import type { APIContext } from 'astro'
import { drillPromise, lapsedWords } from '../../runner/model/drill.ts'
import { dueDate, isOverdue } from '../../runner/model/review.ts'
import { lastDrillOf } from '../../runner/stats/run-evidence.ts'
import { href, runbookHref, runHref } from '../data/page-address.ts'
import { changesOf } from '../data/runbooks/file-changes.ts'
import { runbookPages } from '../data/runbooks/runbook-pages.ts'
import { xml } from '../data/steps/machine-form.ts'
import { allRuns, isReadable, runsOf } from '../data/runs/recorded-runs.ts'

interface Item {
  title: string
  path: string
  id: string
  at: string
  text: string
}

/** The changes: commits to runbooks, their reviews, and runs that ended. */
export async function GET({ site }: APIContext): Promise<Response> {
  const items = [...(await commits()), ...(await reviews()), ...(await ended()), ...(await lapsed())]
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, 50)
  const address = (path: string): string => xml(new URL(path, site).href)
  const lines = items.map(
    ({ title, path, id, at, text }) =>
      `<item><title>${xml(title)}</title><link>${address(path)}</link><guid isPermaLink="false">${xml(id)}</guid>` +
      `<pubDate>${new Date(at).toUTCString()}</pubDate><description>${xml(text)}</description></item>`,
  )
  const head = `<title>Runbooks</title><link>${address(href('/'))}</link><description>Changes, reviews and runs of the runbooks</description>`
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>${head}\n${lines.join('\n')}\n</channel></rss>\n`,
  )
}

async function commits(): Promise<Item[]> {
  const items = (await runbookPages()).map(async ({ slug, title, file, meta }) =>
    (await changesOf(file)).map(({ hash, at, subject }) => ({
      title: `${title}: ${subject}`,
      path: runbookHref(slug),
      id: `${slug}@${hash}`,
      at,
      text: `${subject}. ${meta.description ?? ''}`,
    })),
  )
  return (await Promise.all(items)).flat()
}

async function reviews(): Promise<Item[]> {
  return (await runbookPages()).flatMap(({ slug, title, meta }) =>
    meta.reviewed === undefined
      ? []
      : [
          {
            title: `${title}: reviewed`,
            path: runbookHref(slug),
            // One review is one item: an edit after it is none.
            id: `${slug}@${meta.reviewed}`,
            at: `${meta.reviewed}T00:00:00Z`,
            text: meta.description ?? title,
          },
        ],
  )
}

/** Promises of drills and reviews that have lapsed; one lapse is one item. */
async function lapsed(): Promise<Item[]> {
  const now = Date.now()
  const items = (await runbookPages()).map(async ({ slug, title, meta }) => {
    const promise = drillPromise(meta, lastDrillOf(await runsOf(slug)), now)
    const words = lapsedWords(promise)
    const due = dueDate(meta)
    const reviewDue =
      due !== undefined && isOverdue(meta, new Date(now).toISOString().slice(0, 10)) ? due : undefined
    const since =
      new Date(now - (promise?.lateMs ?? 0)).getTime() ||
      Date.parse(`${meta.reviewed ?? '2026-01-01'}T00:00:00Z`)
    const item = (what: string, at: string): Item => ({
      title: `${title}: ${what}`,
      path: runbookHref(slug),
      id: `${slug}@${what}`,
      at,
      text: what,
    })
    return [
      ...(words === undefined ? [] : [item(`drill overdue: ${words}`, new Date(since).toISOString())]),
      ...(reviewDue === undefined
        ? []
        : [item(`review overdue since ${reviewDue}`, `${reviewDue}T00:00:00Z`)]),
    ]
  })
  return (await Promise.all(items)).flat()
}

async function ended(): Promise<Item[]> {
  return (await allRuns()).filter(isReadable).flatMap(({ run, state, story }) =>
    state.endedAt === undefined
      ? []
      : [
          {
            title: `${state.title}: ${story.head.words}`,
            path: runHref(run),
            id: run,
            at: state.endedAt,
            text: story.head.message || state.title,
          },
        ],
  )
}
