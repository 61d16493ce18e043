import type { APIContext } from 'astro'
import { pageKey } from '../../data/page-key.ts'
import { diagram } from '../../data/steps/step-diagram.ts'
import { runbookPages, siteConfig } from '../../data/runbooks/runbook-pages.ts'
import type { Page } from '../../data/runbooks/runbook-pages.ts'

export async function getStaticPaths() {
  const pages = (await runbookPages()).filter(({ steps }) => steps.length > 0)
  const { kinds } = await siteConfig()
  return pages.map((page) => ({
    params: { slug: page.slug },
    props: { page },
    ...(kinds.own ? {} : { cacheKey: pageKey([page.title, page.steps]) }),
  }))
}

export function GET({ props }: APIContext<{ page: Page }>): Response {
  return new Response(diagram(props.page.title, props.page.steps))
}
