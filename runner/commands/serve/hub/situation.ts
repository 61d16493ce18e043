import type { Config } from '../../../config.ts'
import { asText } from '../../../model/values/json.ts'
import { stepPresence } from '../../../model/people/presence-level.ts'
import { personOf } from '../../../model/people/person.ts'
import { openRequests, parseKey } from '../../../journal/record/event.ts'
import { readRun } from '../../../journal/record/run-store.ts'
import type { StoredRun } from '../../../journal/record/run-store.ts'
import { runnersBefore } from '../../../journal/verify/evidence.ts'
import { listEntries, readEntry } from '../../../library.ts'
import type { Action, Situation } from '../../../permissions/may.ts'
import type { TeamRun } from '../../../team/port.ts'
import { idOf } from '../run-changes.ts'

type Ordered = Pick<TeamRun, 'run' | 'slug'>

interface Place {
  config: Config
  /** The order of an address that has no journal yet, where there is a team. */
  orderAt?: ((name: string) => Promise<Ordered | undefined>) | undefined
}

/** The subject of a request: the action by its address, and the runbook or run as it is stored. */
export interface Asked {
  action: Action
  situation: Situation | undefined
  /** The run or runbook, for the audit. */
  about: string
}

/** Reads what a path below the base of the site is about. */
export async function askedAt({ config, orderAt }: Place, path: string, action: Action): Promise<Asked> {
  const run = /^runs\/([^/]+)\//.exec(path)?.[1]
  const isRun = run !== undefined && !['by', 'live'].includes(run)
  if (isRun) return aboutRun({ config, orderAt }, run, { ...action, on: 'run' })
  const ordered = /^order\/[^/]+\/(.+)/.exec(path)?.[1]
  if (ordered !== undefined) return aboutRunbook(config, ordered, action)
  if (path.startsWith('start/')) return aboutRunbook(config, path.slice('start/'.length), action)
  if (/^runbooks\/./.test(path))
    return aboutRunbook(config, path.slice('runbooks/'.length), { ...action, on: 'runbook' })
  if (action.on === 'run' || action.on === 'runbook') return { action, situation: undefined, about: path }
  const isShared =
    action.on === 'all' && (/^(_astro\/|favicon)/.test(path) || path === 'runs/' || run !== undefined)
  return { action: isShared ? { ...action, on: 'some' } : action, situation: undefined, about: '' }
}

async function aboutRunbook(config: Config, path: string, action: Action): Promise<Asked> {
  const page = path.toLowerCase().replace(/\.md$/, '')
  const entry = listEntries(config.content)
    .filter(({ slug }) => page === slug || page.startsWith(`${slug}/`))
    .toSorted((a, b) => b.slug.length - a.slug.length)[0]
  if (!entry) return { action, situation: undefined, about: path }
  const { slug } = entry
  return { action, situation: { slug, access: await accessOf(config, slug) }, about: slug }
}

async function aboutRun({ config, orderAt }: Place, name: string, action: Action): Promise<Asked> {
  const id = idOf(config.state, name)
  const stored = id === undefined ? undefined : readOrNothing(config.state, id)
  if (id === undefined || !stored) return aboutOrder(config, await orderAt?.(name), name, action)
  return { action, situation: await situationOf(config, stored), about: id }
}

/** A run that is ordered and has not begun. */
async function aboutOrder(
  config: Config,
  order: Ordered | undefined,
  name: string,
  action: Action,
): Promise<Asked> {
  if (!order) return { action, situation: undefined, about: name }
  const { run, slug } = order
  return { action, situation: { slug, access: await accessOf(config, slug) }, about: run }
}

/** A run as the rules see it. */
async function situationOf(config: Config, stored: StoredRun): Promise<Situation> {
  const { plan, events, state } = stored
  const requests = openRequests(events)
  const clients = events.flatMap(({ type, actor }) =>
    (type === 'run-started' || type === 'run-resumed') && actor.client !== undefined
      ? [asText(actor.client)]
      : [],
  )
  const people = [...new Set(runnersBefore(events, events.length))].map((id) => personOf(id, plan.aliases))
  return {
    slug: state.slug,
    access: await accessOf(config, state.slug),
    requesters: [...people, ...clients],
    approvers: Object.values(plan.people ?? {}).flatMap((ids) => ids.map((id) => personOf(id, plan.aliases))),
    isOver: state.status === 'rolled-back' || state.status === 'abandoned',
    presence:
      state.practice !== true &&
      requests.length > 0 &&
      requests.every(({ key }) => stepPresence(plan, parseKey(key).step) !== 'none'),
  }
}

/**
 * The roles that a runbook is narrowed to now; undefined when it is open to each role with the right. Where a document has
 * errors and speaks of access, nobody has one of the roles.
 */
async function accessOf(config: Config, slug: string): Promise<readonly string[] | undefined> {
  const entry = listEntries(config.content).find((one) => one.slug === slug)
  if (!entry) return undefined
  const { runbook, document, bytes } = await readEntry(entry, config.root, config.kinds)
  if (runbook) return runbook.meta.access
  const speaks = /^\s*["']?access["']?\s*:/m.test(bytes.toString('utf8'))
  return document.meta.access ?? (speaks ? [] : undefined)
}

/** The roles that each runbook is narrowed to. */
export async function accessOfAll(
  config: Config,
): Promise<ReadonlyMap<string, readonly string[] | undefined>> {
  const slugs = listEntries(config.content).map(({ slug }) => slug)
  return new Map(await Promise.all(slugs.map(async (slug) => [slug, await accessOf(config, slug)] as const)))
}

function readOrNothing(state: string, id: string): StoredRun | undefined {
  try {
    return readRun(state, id)
  } catch {
    return undefined
  }
}
