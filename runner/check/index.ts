import type { Kinds } from '../kinds/index.ts'
import { cacheKey } from '../cache.ts'
import type { Cache } from '../cache.ts'
import { listEntries, readEntry } from '../library.ts'
import type { LibraryEntry } from '../library.ts'
import { sortByPlace } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Presence } from '../model/people/presence-level.ts'
import type { Requirements } from '../model/requirements-schema.ts'
import type { Runbook } from '../model/runbook.ts'
import { silence } from '../model/text/silence.ts'
import { checkApprovers } from './check-approvers.ts'
import type { PeopleList } from './check-approvers.ts'
import { checkIncludes } from './check-includes.ts'
import { linkLibrary } from '../links/link-targets.ts'
import { linkChecker } from './check-links.ts'
import type { Targets } from './check-links.ts'
import { checkNames } from './check-names.ts'
import { checkPresence } from './check-presence.ts'
import { checkScenarioFile } from './check-scenario-file.ts'
import { checkPromises } from './check-promises.ts'
import { checkDrills } from './check-drills.ts'
import { checkRequirements } from './check-requirements.ts'
import { checkReview } from './check-review.ts'
import { checkScripts, findShellTools, shellFences } from './check-scripts.ts'
import type { Watch } from '../watched.ts'

export interface CheckOptions {
  cwd: string
  /** Folder of the runbooks. */
  content: string
  kinds: Kinds
  root: string
  site?: string | undefined
  /** Reads the names of the alerts that rule files have. Without it links to alerts are not looked at. */
  ruleNames?: () => readonly string[]
  /** Milliseconds since the epoch, for reviews. */
  now: number
  cache: Cache
  /** Who may approve; without it approvals are not looked at. */
  people?: PeopleList
  /** The list of requirements; without it references are not looked at, but for their form. */
  requirements?: Requirements
  /** When the last drill of each runbook ended, by slug; without it promises of drills are not looked at. */
  drills?: () => ReadonlyMap<string, string>
  /** Presence that the configuration requires of every runbook. Default: none. */
  presence?: Presence
  /** Hands out the documents of each stage and shows how many are done. Default: nothing is shown. */
  watch?: Watch
}

interface Read {
  entry: LibraryEntry
  document: Runbook
}

/** A `Watch` that may hand out the items as they are. */
type Stage = <T>(items: readonly T[], what: string) => AsyncIterable<T> | Iterable<T>

/** Documents whose scripts are handed to the shells at a time, while the next ones are read. */
const batch = 60

/**
 * Checks documents like a compiler: each by itself, its scripts with the shells, and its links and names against all
 * others of the library. Findings come sorted by place; of names and addresses, those that concern `entries`.
 */
export async function checkAll(
  entries: readonly LibraryEntry[],
  options: CheckOptions,
): Promise<Diagnostic[]> {
  const findings: Diagnostic[] = []
  const read: Read[] = []
  const scripts: Promise<Diagnostic[]>[] = []
  const watch: Stage = options.watch ?? ((items) => items)
  for await (const [index, entry] of watch([...entries.entries()], 'documents')) {
    const { document, runbook, diagnostics } = await readEntry(
      entry,
      options.cwd,
      options.kinds,
      options.cache,
    )
    findings.push(...diagnostics, ...checkScenarioFile(entry.path, runbook, options.cwd))
    read.push({ entry, document })
    if (read.length % batch === 0 || index === entries.length - 1) {
      const started = scriptFindings(read.slice(index - (index % batch)), options.cache)
      // A failure is met where they are awaited, below.
      started.catch(() => {})
      scripts.push(started)
      // The shells start now and work while the next documents are read.
      await new Promise((resume) => setImmediate(resume))
    }
  }
  const chosen = new Set(read.map(({ entry }) => entry.path))
  const others: Read[] = []
  const rest = listEntries(options.content).filter(({ path }) => !chosen.has(path))
  for await (const entry of watch(rest, 'other documents')) {
    others.push({
      entry,
      document: (await readEntry(entry, options.cwd, options.kinds, options.cache)).document,
    })
  }
  findings.push(...(await sharedFindings(read, others, { ...options, watch })))
  for await (const [index] of watch([...read.entries()], 'documents, for their scripts'))
    if (index % batch === 0) findings.push(...((await scripts[index / batch]) ?? []))
  return sortByPlace(silenced(findings, read))
}

async function sharedFindings(
  read: readonly Read[],
  others: readonly Read[],
  options: Omit<CheckOptions, 'watch'> & { watch: Stage },
): Promise<Diagnostic[]> {
  const library = [...read, ...others]
  const targets = targetsOf(library, options)
  const { drills, now, watch } = options
  const findings = read.flatMap(({ document }) => [
    ...checkReview(document, now),
    ...(drills ? checkDrills(document, drills, now) : []),
    ...(options.requirements ? checkRequirements(document, options.requirements) : []),
  ])
  const checkLinks = linkChecker(targets)
  for await (const { entry, document } of watch(read, 'documents, for their links'))
    findings.push(...(await checkLinks(document, entry.path)))
  const documents = library.map(({ document }) => document)
  const addresses = [...targets.library.pages.keys()]
  const runbooks = addresses.filter((address) => address.startsWith('runbooks/'))
  const shared = [
    ...checkNames(documents),
    ...(options.people ? checkApprovers(documents, options.people) : []),
    ...checkPresence(documents, options.presence ?? 'none'),
    ...checkIncludes(documents, new Set(runbooks.map((address) => address.slice('runbooks/'.length)))),
    ...checkPromises(documents, new Set(addresses), options.content, options.cwd),
  ]
  if (others.length === 0) return [...findings, ...shared]
  const files = new Set(read.map(({ document }) => document.file))
  const concerns = ({ place, notes = [] }: Diagnostic): boolean =>
    [place, ...notes.map((note) => note.place)].some(({ file }) => files.has(file))
  return [...findings, ...shared.filter(concerns)]
}

function targetsOf(
  library: readonly Read[],
  { content, root, site, ruleNames, cwd, kinds, cache }: Omit<CheckOptions, 'watch'>,
): Targets {
  const documents = new Map(library.map(({ entry, document }) => [entry.path, document]))
  const sources = library.map(({ entry: { path }, document }) => ({ path, document }))
  return {
    library: linkLibrary({ root, content, site, documents: sources, ruleNames }),
    async document(path) {
      const cached = documents.get(path)
      if (cached) return cached
      const { document } = await readEntry({ slug: '', path }, cwd, kinds, cache)
      documents.set(path, document)
      return document
    },
  }
}

let tools: ReturnType<typeof findShellTools> | undefined

/** The findings of the shells on the scripts of some documents; cached by the documents' contents. */
async function scriptFindings(read: readonly Read[], cache: Cache): Promise<Diagnostic[]> {
  const findings: Diagnostic[] = []
  const fresh: Runbook[] = []
  const keys = new Map<Runbook, string>()
  for (const { document } of read) {
    if (shellFences(document).length === 0) continue
    const key = cacheKey('scripts', document.file, document.sha256, process.env['PATH'] ?? '')
    const cached = cache.get(key) as Diagnostic[] | undefined
    if (cached) findings.push(...cached)
    else {
      fresh.push(document)
      keys.set(document, key)
    }
  }
  if (fresh.length === 0) return findings
  tools ??= findShellTools()
  for (const [document, problems] of await checkScripts(fresh, tools)) {
    cache.set(keys.get(document) ?? '', problems)
    findings.push(...problems)
  }
  return findings
}

function silenced(findings: readonly Diagnostic[], read: readonly Read[]): Diagnostic[] {
  const ignores = new Map(read.map(({ document }) => [document.file, document.ignores]))
  return findings.filter((each) => silence([each], ignores.get(each.place.file) ?? []).length > 0)
}
