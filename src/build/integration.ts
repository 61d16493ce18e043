import { fileURLToPath } from 'node:url'
import type { AstroIntegration } from 'astro'
import type { Config } from '../../runner/config.ts'
import { hasErrors } from '../../runner/model/diagnostic.ts'
import type { Diagnostic } from '../../runner/model/diagnostic.ts'
import { finish } from './finish.ts'
import { readForBuild } from './readings.ts'
import { describeAll } from '../remark/problem.ts'

/**
 * Refuses a build that could not be trusted: every runbook is read by the runner's own reader before Astro compiles
 * anything, because MDX runs JavaScript and a document must not.
 */
export function runbookSite(config: Config, root: string, sources: string): AstroIntegration {
  let base = '/'
  let plain: ReadonlySet<string> = new Set()
  return {
    name: 'runbook-site',
    hooks: {
      'astro:config:setup': async ({ command }) => {
        if (command !== 'build') return
        const read = await readForBuild(config.content, root)
        refuseErrors(read.flatMap(({ diagnostics }) => diagnostics))
        plain = new Set(
          read.flatMap(({ document }) => (document.format === 'md' ? [`runbooks/${document.slug}/`] : [])),
        )
      },
      'astro:config:done': ({ config: { markdown, base: written } }) => {
        base = written.replace(/\/?$/, '/')
        const name = (markdown as { processor?: { name?: string } }).processor?.name
        if (name === 'unified') return
        throw new Error(
          `The Markdown processor is \`${name ?? 'not set'}\`, expected \`unified\`: steps would lose their checks and anchors. ` +
            'Set markdown.processor to unified({ smartypants: false, remarkPlugins: [remarkSteps] }) in astro.config.mjs.',
        )
      },
      'astro:build:done': async ({ dir, logger }) => {
        const { pages, problems, warnings } = await finish(fileURLToPath(dir), base, config, sources, plain)
        for (const warning of warnings) logger.warn(warning)
        if (problems.length > 0)
          throw new Error(`The built site does not hold together:\n${problems.join('\n')}`)
        const held =
          warnings.length === 0 ? 'every link, fragment and id holds' : 'all of our own making holds'
        logger.info(`${pages} pages, ${held}`)
      },
    },
  }
}

function refuseErrors(diagnostics: readonly Diagnostic[]): void {
  if (hasErrors(diagnostics)) throw new Error(`The site is not built:\n${describeAll(diagnostics)}`)
}
