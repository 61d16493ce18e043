import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
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
}

/**
 * Builds sites of generated runbooks, opens one page and searches once; then Starlight and VitePress build the same
 * text, fetched from the npm registry into a temporary folder. Who cannot be fetched is left out, and named.
 */
export async function siteBuilds(): Promise<Row[]> {
  const ours = await build(ordinary)
  const many = await build(large)
  const peers = await buildPeers(ordinary)
  return [...budgeted(ours, many), ...peers.flatMap((peer) => compared(ours, peer))]
}

function budgeted({ cost, weight }: Built, many: Built): Row[] {
  const against = 'its budget'
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
      what: `site of ${large.toLocaleString('en')} runbooks`,
      unit: 's',
      figure: many.cost.wallSeconds,
      against,
      reference: 75,
      budget: 1,
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
    const cost = costOf([process.execPath, 'node_modules/astro/bin/astro.mjs', 'build'], process.cwd(), {
      RUNBOOK_CONTENT: content,
      RUNBOOK_STATE: join(root, 'state'),
      RUNBOOK_SITE_OUT: out,
    })
    return { cost, weight: await weightOf(out, '/runbooks/procedure-7/', 'drain traffic') }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
