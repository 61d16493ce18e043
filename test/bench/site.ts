import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeCorpus } from './site/corpus.ts'
import { costOf } from './site/cost.ts'
import { editOf } from './site/edit.ts'
import type { Cost } from './site/cost.ts'
import { buildPeers } from './site/peers.ts'
import type { Measured } from './site/peers.ts'
import { visitOf } from './site/visit.ts'
import type { Visit } from './site/visit.ts'
import { weightOf } from './site/weight.ts'
import type { Weight } from './site/weight.ts'
import type { Row } from './table.ts'

const ordinary = 300
const large = 2000

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

/** The cache is new too: the first build is that of a machine which has never run the program, and compiles its code. */
async function build(pages: number): Promise<Built> {
  const root = mkdtempSync(join(tmpdir(), 'bench-site-'))
  try {
    const content = join(root, 'content', 'runbooks')
    const out = join(root, 'site')
    writeCorpus(content, pages, 'cards')
    const env = {
      RUNBOOK_CONTENT: content,
      RUNBOOK_STATE: join(root, 'state'),
      RUNBOOK_SITE_OUT: out,
      RUNBOOK_CACHE: join(root, 'cache'),
    }
    const make = (): Cost =>
      costOf([process.execPath, 'runner/main.mjs', 'site', 'build', '--out', out], process.cwd(), env)
    const cost = make()
    const path = '/runbooks/procedure-7/'
    const query = 'drain traffic'
    const weight = await weightOf(out, path, query)
    const visit = await visitOf(out, path, { open: '/', query, result: '.panel a' })
    const unchanged = make()
    const file = join(content, 'procedure-7.mdx')
    writeFileSync(file, readFileSync(file, 'utf8').replace('Step 1 of', 'Another step of'))
    const onePage = make()
    return { cost, weight, visit, again: { unchanged, onePage }, editMs: await editOf({ file, path, env }) }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
