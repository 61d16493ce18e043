import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeCorpus } from './site/corpus.ts'
import { costOf } from './site/cost.ts'
import type { Cost } from './site/cost.ts'
import { buildPeers } from './site/peers.ts'
import type { Measured } from './site/peers.ts'
import { weightOf } from './site/weight.ts'
import type { Weight } from './site/weight.ts'
import type { Row } from './table.ts'

const ordinary = 300
const large = 2000

interface Built {
  cost: Cost
  weight: Weight & { query: Weight }
  again: Again
}

/** What builds of the same folder took, one after another. */
interface Again {
  unchanged: Cost
  onePage: Cost
}

/**
 * Builds sites of generated runbooks, opens one page and searches once, and builds them again; then Starlight and VitePress build the same
 * text, fetched from the npm registry into a temporary folder. Who cannot be fetched is left out, and named.
 */
export async function siteBuilds(): Promise<Row[]> {
  const ours = await build(ordinary)
  const many = await build(large)
  const peers = await buildPeers(ordinary)
  return [...budgeted(ours, many), ...peers.flatMap((peer) => compared(ours, peer))]
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
      budget: 0.3,
    },
    {
      what: `site of ${ordinary} runbooks again, processor time`,
      unit: 's',
      figure: again.unchanged.cpuSeconds,
      against: 'the first time',
      reference: cost.cpuSeconds,
      budget: 0.7,
    },
    { what: 'memory for that', unit: 'MB', figure: many.cost.peakMiB, against, reference: 2500, budget: 1 },
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

function compared({ cost, weight }: Built, peer: Measured): Row[] {
  const against = peer.name
  return [
    {
      what: `site of ${ordinary} runbooks, processor time`,
      unit: 's',
      figure: cost.cpuSeconds,
      against,
      reference: peer.cost.cpuSeconds,
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
  ]
}

async function build(pages: number): Promise<Built> {
  // Inside the project, because Astro compiles what lies below its root.
  mkdirSync('dist', { recursive: true })
  const root = mkdtempSync(resolve('dist/bench-site-'))
  try {
    const content = join(root, 'content', 'runbooks')
    const out = join(root, 'site')
    writeCorpus(content, pages, 'cards')
    const make = (): Cost =>
      costOf([process.execPath, 'node_modules/astro/bin/astro.mjs', 'build'], process.cwd(), {
        RUNBOOK_CONTENT: content,
        RUNBOOK_STATE: join(root, 'state'),
        RUNBOOK_SITE_OUT: out,
        RUNBOOK_CACHE: join(root, 'cache'),
      })
    const cost = make()
    const weight = await weightOf(out, '/runbooks/procedure-7/', 'drain traffic')
    const unchanged = make()
    const file = join(content, 'procedure-7.mdx')
    writeFileSync(file, readFileSync(file, 'utf8').replace('Step 1 of', 'Another step of'))
    return { cost, weight, again: { unchanged, onePage: make() } }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
