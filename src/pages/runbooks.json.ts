import type { APIContext } from 'astro'
import { runbookTexts } from '../build/runbook-texts.ts'
import { href } from '../data/page-address.ts'
import { runbookPages, siteConfig } from '../data/runbooks/runbook-pages.ts'
import { machineForm } from '../data/steps/machine-form.ts'

export async function GET({ site }: APIContext): Promise<Response> {
  const root = new URL(href('/'), site)
  const hasEmbed = (await siteConfig()).embed !== undefined
  const runbooks = await Promise.all(
    (await runbookPages()).map(async (page) => {
      const headings = (await runbookTexts().textOf(page.slug))?.headings ?? []
      return machineForm(
        page,
        headings.map(({ slug }) => slug),
        root,
        hasEmbed,
      )
    }),
  )
  return new Response(`${JSON.stringify({ format: 1, site: root.href, runbooks }, null, 2)}\n`)
}
