import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listEntries } from '../library.ts'
import type { Runbook } from '../model/runbook.ts'
import { linkLibrary } from './link-targets.ts'
import type { LinkLibrary } from './link-targets.ts'
import { resolveLink, resolvePicture } from './resolve-link.ts'

let root: string
let library: LinkLibrary
const files = [
  'wiki/a.md',
  'wiki/b/index.md',
  'wiki/c/readme.md',
  'wiki/deep/Down.mdx',
  'wiki/img/a.svg',
  'docs/index.md',
  'docs/guide.md',
  'tool.sh',
  'public/logo.png',
]

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'links-'))
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), '')
  }
  const content = join(root, 'wiki')
  const documents = listEntries(content).map(({ slug, path }) => ({
    path,
    document: {
      slug,
      meta: {
        title: slug,
        ...(slug === 'a'
          ? {
              aliases: ['/old/', 'former'],
              services: ['Ledger & Co', 'api'],
              owner: 'DB team',
              severity: 'P1',
            }
          : {}),
      },
    } as Runbook,
  }))
  library = linkLibrary({ root, content, site: 'https://ops.example', documents })
})
afterAll(() => rmSync(root, { recursive: true }))

/** What a link in `from` leads to, as one word. */
function led(url: string, from = 'wiki/deep/Down.mdx'): string {
  const target = resolveLink(url, join(root, from), library)
  if (target.type === 'page' || target.type === 'site') return `${target.address}${target.suffix}`
  if (target.type === 'file') return `file ${target.file}`
  return target.type === 'missing' && target.outside ? 'outside' : target.type
}

test.each([
  ['../a.md#x', 'runbooks/a#x'],
  ['../a', 'runbooks/a'],
  ['../A.md?v=1#x', 'runbooks/a?v=1#x'],
  ['../../a/', 'runbooks/a'],
  ['../b/index.md', 'runbooks/b/index'],
  ['../b/', 'runbooks/b/index'],
  ['../c', 'runbooks/c/readme'],
  ['#here', 'runbooks/deep/down#here'],
  ['/deep/down', 'runbooks/deep/down'],
  ['/runbooks/deep/down/#x', 'runbooks/deep/down#x'],
  ['/old/', 'runbooks/a'],
  ['/runbooks/former/', 'runbooks/a'],
  ['https://ops.example/runbooks/a/', 'runbooks/a'],
  ['../../docs/guide.md', 'docs/guide'],
  ['/docs/', 'docs'],
  ['/alerts/Down/', 'alerts/Down/'],
  ['/logo.png', 'logo.png'],
  ['../img/a.svg', 'file wiki/img/a.svg'],
  ['../../tool.sh', 'file tool.sh'],
  ['/tool.sh', 'file tool.sh'],
  ['../gone.md', 'missing'],
  ['/gone', 'missing'],
  ['/runbooks/old/', 'missing'],
  ['../../../CONTRIBUTING.md', 'outside'],
  ['https://example.com/', 'external'],
  ['https://exa mple', 'invalid'],
  ['%zz', 'invalid'],
  ['mailto:a@example.com', 'external'],
  ['javascript:alert(1)', 'acts'],
  ['{{ site }}/a', 'open'],
  ['page:guide', 'docs/guide'],
  ['page:a#x', 'runbooks/a#x'],
  ['page:a.md', 'runbooks/a'],
  ['page:down', 'runbooks/deep/down'],
  ['page:c', 'runbooks/c/readme'],
  ['page:gone', 'missing'],
  ['/status/', 'status/'],
  ['/status/incidents/2026-01-01-a/', 'status/incidents/2026-01-01-a/'],
  ['/status/anything/', 'missing'],
  ['/alerts/a/b/', 'missing'],
  ['/runs/x/checklist/', 'runs/x/checklist/'],
  ['/runs/x/anything/', 'missing'],
  ['/kpi/service/ledger-co/', 'kpi/service/ledger-co/'],
  ['/by/service/api/', 'by/service/api/'],
  ['../../../kpi/service/api', 'kpi/service/api/'],
  ['/kpi/service/gone/', 'missing'],
  ['/by/service/gone/', 'missing'],
  ['/by/owner/db-team/', 'by/owner/db-team/'],
  ['/by/owner/gone/', 'missing'],
  ['/by/severity/p1/', 'by/severity/p1/'],
  ['/by/moment/alert/', 'by/moment/alert/'],
  ['/by/moment/gone/', 'missing'],
  ['/by/folder/deep/', 'by/folder/deep/'],
  ['/by/other/alert/', 'missing'],
  ['/docs/errors/broken-link/', 'docs/errors/broken-link/'],
  ['/docs/errors/al01/', 'docs/errors/al01/'],
  ['/docs/errors/gone/', 'missing'],
])('%s leads to %s', (url, target) => {
  expect(led(url)).toBe(target)
})

test('from the guide an address beside the page is one of the guide or of the tables', () => {
  expect(led('../reference/frontmatter/', 'docs/guide.md')).toBe('docs/reference/frontmatter/')
  expect(led('guide', 'docs/index.md')).toBe('docs/guide')
})

test('a picture lies beside its document, in the project, in the public folder, elsewhere or nowhere', () => {
  const from = join(root, 'wiki/a.md')
  const seen = (url: string): string => resolvePicture(url, from, library).type
  expect(['img/a.svg', '/img/a.svg', '/logo.png', 'https://x/y.png', '${x}.png', 'x.png'].map(seen)).toEqual([
    'file',
    'file',
    'public',
    'external',
    'open',
    'missing',
  ])
})
