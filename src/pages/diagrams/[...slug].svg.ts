import type { APIContext } from 'astro'
import { pageKey } from '../../data/page-key.ts'
import { diagram } from '../../data/steps/step-diagram.ts'
import { runbookHref } from '../../data/page-address.ts'
import { runbookPages, siteConfig } from '../../data/runbooks/runbook-pages.ts'
import type { Page } from '../../data/runbooks/runbook-pages.ts'

export async function getStaticPaths() {
  const pages = (await runbookPages()).filter(({ steps }) => steps.length > 0)
  const { kinds } = await siteConfig()
  return pages.map((page) => ({
    params: { slug: page.slug },
    props: { page },
    ...(kinds.own ? {} : { cacheKey: pageKey([page.slug, page.title, page.steps]) }),
  }))
}

export function GET({ props }: APIContext<{ page: Page }>): Response {
  const { title, steps, slug } = props.page
  return new Response(diagram(title, steps, runbookHref(slug)))
}
