import { kinds } from '../kinds.ts'
import { elementName } from '../../../runner/model/steps/kind-spec.ts'
import { rules } from '../../../runner/model/diagnostic-rules.ts'
import { inOrder } from '../in-order.ts'
import { siteConfig } from '../runbooks/runbook-pages.ts'
import { docEntries } from './doc-entries.ts'
import { remember } from '../remember.ts'

export interface DocPage {
  /** Below the site's base, with slashes at its ends. */
  path: string
  title: string
  group: string
  order: number
}

/** Pages of the guide that are looked up and not read through. */
const lookedUp = new Set(['cli', 'programs', 'journal', 'vocabulary'])

const groups: Record<string, string> = {
  '': 'Guide',
  kinds: 'Step kinds',
  errors: 'Findings',
  decisions: 'Decisions',
  reference: 'Reference',
}

/** Every page of the documentation: the written ones, and those made from the tables of the program. */
export const docPages = remember(readPages)

async function readPages(): Promise<DocPage[]> {
  // The configuration may bring kinds of its own.
  await siteConfig()
  const authored = (await docEntries()).map(({ id, data }): DocPage => {
    const folder = id.includes('/') ? (id.split('/')[0] ?? '') : ''
    const title = typeof data['title'] === 'string' ? data['title'] : id
    const path = id === 'index' ? '/docs/' : `/docs/${id}/`
    return {
      path,
      title,
      group: lookedUp.has(id) ? 'Reference' : (groups[folder] ?? folder),
      order: typeof data['order'] === 'number' ? data['order'] : 100,
    }
  })
  const taken = new Set(authored.map(({ path }) => path))
  return [...authored, ...generated().filter(({ path }) => !taken.has(path))].toSorted(
    (a, b) => a.order - b.order || inOrder(a.title, b.title),
  )
}

function generated(): DocPage[] {
  return [
    { path: '/docs/', title: 'Documentation', group: 'Guide', order: 0 },
    { path: '/docs/reference/frontmatter/', title: 'Frontmatter', group: 'Reference', order: 200 },
    { path: '/docs/reference/configuration/', title: 'Configuration', group: 'Reference', order: 202 },
    { path: '/docs/changelog/', title: 'Changelog', group: 'Guide', order: 90 },
    ...kinds.map(({ name }, at) => ({
      path: `/docs/kinds/${name}/`,
      title: elementName(name),
      group: 'Step kinds',
      order: 300 + at,
    })),
    { path: '/docs/errors/', title: 'Findings of check', group: 'Reference', order: 210 },
    ...Object.keys(rules).map((code, at) => ({
      path: `/docs/errors/${code}/`,
      title: code,
      group: 'Findings',
      order: 400 + at,
    })),
  ]
}

/** Whether somebody wrote the page: then it takes the place of the generated one. */
export async function isAuthored(path: string): Promise<boolean> {
  return (await docEntries()).some(
    ({ id }) => `/docs/${id}/` === path || (id === 'index' && path === '/docs/'),
  )
}
