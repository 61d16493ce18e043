import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pagesPackage } from '../../runner/kit/optional-package.ts'
import { makePages } from '../../scripts/package.ts'
import type { Cost } from './site/cost.ts'
import { editOf } from './site/edit.ts'
import { ourSite } from './site/ours.ts'
import type { OurSite } from './site/ours.ts'
import { preparePeers } from './site/peers.ts'
import type { PeerSite } from './site/peers.ts'
import { visitOf } from './site/visit.ts'
import type { Visit } from './site/visit.ts'
import { weightOf } from './site/weight.ts'
import type { Weight } from './site/weight.ts'
import { settle } from './settle.ts'
import type { Row } from './table.ts'

const ordinary = 300
const large = 2000
/** First builds of each site; the one in the middle counts. */
const rounds = 3

interface Built {
  cost: Cost
  weight: Weight & { query: Weight }
  visit: Visit
  again: Again
  /** From a changed title to its page while the site is shown, in milliseconds. */
  editMs: number
}

/** What builds of the same folder took, one after another. */
interface Again {
  unchanged: Cost
  onePage: Cost
}

/**
 * Builds sites of generated runbooks, opens one page and searches once, and builds them again; Starlight and VitePress build the
 * same text, fetched from the npm registry. Who cannot be fetched is left out, and named. First builds take turns, and nothing
 * is deleted before the end: deleted files slow new ones.
 */
export async function siteBuilds(packaged: string): Promise<Row[]> {
  await makePages(join(dirname(packaged), '../node_modules', pagesPackage))
  // Outside the project: a peer must not find our packages above it.
  const root = mkdtempSync(join(tmpdir(), 'bench-site-'))
  try {
    const peers = preparePeers(join(root, 'peers'), ordinary)
    const sites = Array.from({ length: rounds }, (_, round) =>
      ourSite(packaged, join(root, `ours-${round}`), ordinary),
    )
    await settle()
    const costs = sites.map((site) => ({
      ours: site.build(),
      theirs: peers.map((peer) => peer.build()),
    }))
    const ours = await measure(sites.at(-1), middle(costs.map((round) => round.ours)))
    const many = ourSite(packaged, join(root, 'many'), large)
    const rows = budgeted(ours, await measure(many, many.build()))
    for (const [index, peer] of peers.entries()) {
      const cost = middle(costs.map(({ theirs }) => theirs[index]))
      rows.push(...compared(ours, { ...peer, cost, ...(await peer.look()) }))
    }
    return rows
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** The build in the middle of several, by their time of the processor. */
function middle(costs: readonly (Cost | undefined)[]): Cost {
  const sorted = costs.filter((cost) => cost !== undefined).toSorted((a, b) => a.cpuSeconds - b.cpuSeconds)
  const cost = sorted[Math.floor(sorted.length / 2)]
  if (!cost) throw new Error('nothing was built')
  return cost
}

/** Opens a site that was built, searches it and builds it again. */
async function measure(site: OurSite | undefined, cost: Cost): Promise<Built> {
  if (!site) throw new Error('nothing was built')
  const { content, out, env } = site
  const path = '/runbooks/procedure-7/'
  const query = 'drain traffic'
  const weight = await weightOf(out, path, query)
  const visit = await visitOf(out, path, { open: '/', query, result: '.panel a' })
  const unchanged = site.build()
  const file = join(content, 'procedure-7.mdx')
  writeFileSync(file, readFileSync(file, 'utf8').replace('Step 1 of', 'Another step of'))
  const onePage = site.build()
  return { cost, weight, visit, again: { unchanged, onePage }, editMs: await editOf({ file, path, env }) }
}

function budgeted({ cost, weight, again }: Built, many: Built): Row[] {
  const against = 'its budget'
  const largeName = large.toLocaleString('en')
  return [
    {
      what: 'a page of six steps with all it loads, gzipped',
      unit: 'kB',
      figure: weight.kilobytes,
      against,
      reference: 15,
      budget: 1,
    },
    {
      what: `site of ${ordinary} runbooks`,
      unit: 's',
      figure: cost.wallSeconds,
      against,
      reference: 15,
      budget: 1,
    },
    {
      what: `site of ${largeName} runbooks`,
      unit: 's',
      figure: many.cost.wallSeconds,
      against,
      reference: 32,
      budget: 1,
    },
    {
      what: 'the same again, one page of it changed',
      unit: 's',
      figure: many.again.onePage.wallSeconds,
      against,
      reference: 10,
      budget: 1,
    },
    {
      what: 'processor time of that',
      unit: 's',
      figure: many.again.onePage.cpuSeconds,
      against: `site of ${largeName} runbooks`,
      reference: many.cost.cpuSeconds,
      budget: 0.4,
    },
    {
      what: `site of ${ordinary} runbooks again, processor time`,
      unit: 's',
      figure: again.unchanged.cpuSeconds,
      against: 'the first time',
      reference: cost.cpuSeconds,
      budget: 0.7,
    },
    {
      what: `memory for the site of ${largeName}`,
      unit: 'MB',
      figure: many.cost.peakMiB,
      against,
      reference: 2500,
      budget: 1,
    },
    {
      what: `an edit shown by \`site dev\` of ${largeName} runbooks`,
      figure: many.editMs,
      against,
      reference: 300,
      budget: 1,
    },
    {
      what: 'bytes of the first query there',
      unit: 'kB',
      figure: many.weight.query.kilobytes,
      against,
      reference: 200,
      budget: 1,
    },
  ]
}

type Measured = Pick<PeerSite, 'name' | 'budgets'> & Pick<Built, 'cost' | 'visit'> & { weight: Weight }

function compared({ cost, weight, visit, again }: Built, peer: Measured): Row[] {
  const against = peer.name
  const { budgets } = peer
  const cpu = { unit: 's', against, reference: peer.cost.cpuSeconds } as const
  const most = (budget: number | undefined): Pick<Row, 'budget'> => (budget === undefined ? {} : { budget })
  const searched = {
    what: 'first result of a search there',
    figure: visit.resultMs,
    against,
    reference: peer.visit.resultMs,
    ...most(budgets?.result),
  }
  return [
    {
      what: `site of ${ordinary} runbooks, processor time`,
      figure: cost.cpuSeconds,
      ...cpu,
      ...most(budgets?.cold),
    },
    {
      what: 'the same again, processor time',
      figure: again.unchanged.cpuSeconds,
      ...cpu,
      ...most(budgets?.warm),
    },
    {
      what: 'a page of six steps with all it loads, gzipped',
      unit: 'kB',
      figure: weight.kilobytes,
      against,
      reference: peer.weight.kilobytes,
    },
    {
      what: 'requests for that page',
      unit: 'requests',
      figure: weight.requests,
      against,
      reference: peer.weight.requests,
    },
    {
      what: 'first paint of that page on slow 4G, processor slowed 4 times',
      figure: visit.paintMs,
      against,
      reference: peer.visit.paintMs,
      ...most(budgets?.paint),
    },
    ...(Number.isNaN(peer.visit.resultMs) ? [] : [searched]),
  ]
}
