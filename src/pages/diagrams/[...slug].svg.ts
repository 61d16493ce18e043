import type { APIContext } from 'astro'
import { diagram } from '../../data/steps/step-diagram.ts'
import { runbookHref } from '../../data/page-address.ts'
import { isDev } from '../../data/remember.ts'
import { runbookPages } from '../../data/runbooks/runbook-pages.ts'
import type { Page } from '../../data/runbooks/runbook-pages.ts'

/** For `site dev`: a build writes the drawings itself. */
export async function getStaticPaths() {
  const pages = isDev() ? await runbookPages() : []
  return pages
    .filter(({ steps }) => steps.length > 0)
    .map((page) => ({ params: { slug: page.slug }, props: { page } }))
}

export function GET({ props }: APIContext<{ page: Page }>): Response {
  const { title, steps, slug } = props.page
  return new Response(diagram(title, steps, runbookHref(slug)))
}
