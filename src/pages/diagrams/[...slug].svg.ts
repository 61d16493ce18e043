import type { APIContext } from 'astro'
import { diagram } from '../../data/steps/step-diagram.ts'
import { runbookHref } from '../../data/page-address.ts'
import { runbookPages } from '../../data/runbooks/runbook-pages.ts'
import type { Page } from '../../data/runbooks/runbook-pages.ts'

export async function getStaticPaths() {
  const pages = (await runbookPages()).filter(({ steps }) => steps.length > 0)
  return pages.map((page) => ({ params: { slug: page.slug }, props: { page } }))
}

export function GET({ props }: APIContext<{ page: Page }>): Response {
  const { title, steps, slug } = props.page
  return new Response(diagram(title, steps, runbookHref(slug)))
}
