import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeCorpus } from './corpus.ts'
import { costOf } from './cost.ts'
import type { Cost } from './cost.ts'
import { visitOf } from './visit.ts'
import type { Search, Visit } from './visit.ts'
import { weightOf } from './weight.ts'
import type { Weight } from './weight.ts'

/** A registry that does not answer leaves a peer out; it does not stop the bench. */
const fetchMs = 300_000

interface Peer {
  name: string
  /** Pinned, so that figures of two runs can be compared. */
  packages: string[]
  files: Record<string, string>
  content: string
  build: readonly [string, ...string[]]
  out: string
  /** What else a build leaves for the next one. */
  left: string[]
  page: string
  /** How its search is used. Default: it is not measured. */
  search?: Search
  /** What our site is held against it with. Default: the figures only tell. */
  budgets?: Budgets
}

/** The highest ratios of ours to a peer's that are right. */
interface Budgets {
  /** Processor time of the first build. */
  cold: number
  /** Processor time of a build of the same again. */
  warm: number
  paint: number
  result: number
}

const peers: readonly Peer[] = [
  {
    name: 'Starlight 0.42.4',
    packages: ['@astrojs/starlight@0.42.4', 'astro@7.3.5'],
    files: {
      'astro.config.mjs': `import { defineConfig } from 'astro/config'\nimport starlight from '@astrojs/starlight'\nexport default defineConfig({ integrations: [starlight({ title: 'Bench', sidebar: [{ label: 'All', items: [{ autogenerate: { directory: 'runbooks' } }] }] })] })\n`,
      // Every page asks for it, and its template brings one.
      'public/favicon.svg': `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1H0"/></svg>\n`,
      'src/content.config.ts': `import { defineCollection } from 'astro:content'\nimport { docsLoader } from '@astrojs/starlight/loaders'\nimport { docsSchema } from '@astrojs/starlight/schema'\nexport const collections = { docs: defineCollection({ loader: docsLoader(), schema: docsSchema() }) }\n`,
    },
    content: 'src/content/docs/runbooks',
    build: [process.execPath, 'node_modules/astro/bin/astro.mjs', 'build'],
    out: 'dist',
    left: ['.astro', 'node_modules/.astro', 'node_modules/.vite'],
    page: '/runbooks/procedure-7/',
    search: {
      open: 'Control+k',
      field: 'dialog input',
      query: 'drain traffic',
      result: 'dialog .pagefind-ui__result-link',
    },
    budgets: { cold: 0.95, warm: 0.7, paint: 0.9, result: 0.5 },
  },
  {
    name: 'VitePress 1.6.4',
    packages: ['vitepress@1.6.4', 'vue@3.5.22'],
    files: {
      '.vitepress/config.mjs': `export default { title: 'Bench', cleanUrls: false, themeConfig: { search: { provider: 'local' } } }\n`,
    },
    content: 'runbooks',
    build: [process.execPath, 'node_modules/vitepress/bin/vitepress.js', 'build'],
    out: '.vitepress/dist',
    left: ['.vitepress/cache'],
    page: '/runbooks/procedure-7.html',
  },
]

/** A peer with the text to build, ready. */
export interface PeerSite {
  name: string
  budgets?: Budgets | undefined
  /** Builds as if for the first time. What an earlier build left is put aside: a deleted file slows the next new ones. */
  build(): Cost
  /** Opens a page of what was built, and searches there. */
  look(): Promise<{ weight: Weight; visit: Visit }>
}

/** Installs each peer that can be fetched below a folder, with the same text; says which cannot. */
export function preparePeers(root: string, pages: number): PeerSite[] {
  const ready: PeerSite[] = []
  for (const peer of peers) {
    const folder = join(root, peer.name.split(' ')[0] ?? '')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
    const problem = install(peer.packages, folder)
    if (problem !== undefined) {
      process.stderr.write(`${peer.name} is left out: it cannot be fetched here (${problem})\n`)
      continue
    }
    for (const [file, text] of Object.entries(peer.files)) {
      mkdirSync(join(folder, file, '..'), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
    writeCorpus(join(folder, peer.content), pages, 'markdown')
    ready.push(peerSite(peer, folder))
  }
  return ready
}

function peerSite({ name, budgets, build, out, left, page, search }: Peer, folder: string): PeerSite {
  const aside = `${folder}-before`
  mkdirSync(aside)
  let moved = 0
  return {
    name,
    budgets,
    build() {
      for (const path of [out, ...left])
        if (existsSync(join(folder, path))) renameSync(join(folder, path), join(aside, String(moved++)))
      return costOf(build, folder)
    },
    async look() {
      const built = join(folder, out)
      return { weight: await weightOf(built, page), visit: await visitOf(built, page, search) }
    },
  }
}

function install(packages: readonly string[], cwd: string): string | undefined {
  // Saved, because Astro bundles what package.json names, and only that can import its own modules.
  const args = ['install', '--no-audit', '--no-fund', '--save-exact', '--loglevel=error', ...packages]
  const { status, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8', timeout: fetchMs })
  return status === 0
    ? undefined
    : (stderr.split('\n').find((line) => /error/i.test(line)) ?? `npm exited with ${status}`)
}
