import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeCorpus } from './site/corpus.ts'
import { costOf, folderMiB } from './site/cost.ts'
import type { Cost } from './site/cost.ts'
import { weightOf } from './site/weight.ts'

const help = `Usage: node test/bench/site.ts [pages] [--peers]

Builds a site of 300 generated runbooks, or as many as you say, and weighs one page of it. With --peers Starlight and
VitePress build the same text in the same run; they are fetched from the npm registry into a temporary folder.
`

const given = process.argv.slice(2)
const peers = given.includes('--peers')
const [written = '300', ...more] = given.filter((one) => one !== '--peers')
const pages = Number(written)

if (!Number.isInteger(pages) || pages < 1 || more.length > 0) {
  const asked = written === '--help' || written === '-h'
  process[asked ? 'stdout' : 'stderr'].write(help)
  process.exitCode = asked ? 0 : 2
} else await bench()

async function bench(): Promise<void> {
  // Inside the project, because Astro compiles what lies below its root.
  mkdirSync('dist', { recursive: true })
  const root = mkdtempSync(resolve('dist/bench-site-'))
  try {
    const ours = await oursOf(root)
    if (!peers) return
    const { buildPeers } = await import('./site/peers.ts')
    for (const { name, cost, weight } of await buildPeers(root, pages)) {
      print(name, cost, weight)
      process.stdout.write(
        `  against ours: ${(cost.cpuSeconds / ours.cost.cpuSeconds).toFixed(2)} × processor, ` +
          `${(weight.kilobytes / ours.weight.kilobytes).toFixed(1)} × bytes, ${weight.requests} requests against ${ours.weight.requests}\n`,
      )
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function oursOf(root: string) {
  const content = join(root, 'content', 'runbooks')
  const out = join(root, 'site')
  writeCorpus(content, pages, 'cards')
  const cost = costOf([process.execPath, 'node_modules/astro/bin/astro.mjs', 'build'], process.cwd(), {
    RUNBOOK_CONTENT: content,
    RUNBOOK_STATE: join(root, 'state'),
    RUNBOOK_SITE_OUT: out,
  })
  const weight = await weightOf(out, '/runbooks/procedure-7/', 'drain traffic')
  print(`ours, ${pages} pages`, cost, weight)
  process.stdout.write(
    `  first query: ${weight.query?.requests} requests, ${weight.query?.kilobytes.toFixed(0)} kB; the site is ${folderMiB(out).toFixed(0)} MiB\n`,
  )
  return { cost, weight }
}

function print(
  name: string,
  cost: Cost,
  { requests, kilobytes }: { requests: number; kilobytes: number },
): void {
  process.stdout.write(
    `${name.padEnd(24)} ${cost.wallSeconds.toFixed(1)} s wall, ${cost.cpuSeconds.toFixed(1)} s processor, ` +
      `${cost.peakMiB.toFixed(0)} MiB; a page: ${requests} requests, ${kilobytes.toFixed(1)} kB gzipped\n`,
  )
}
