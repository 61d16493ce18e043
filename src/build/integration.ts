import { readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AstroIntegration, AstroPrerenderer } from 'astro'
import type { Config } from '../../runner/config.ts'
import { replacedBy } from '../../runner/partial-folder.ts'
import type { Diagnostic } from '../../runner/model/diagnostic.ts'
import { finish } from './finish-site.ts'
import { readings } from './document-readings.ts'
import { inlineStyle, narrowPolicy } from './content-policy.ts'
import { embedFolder, leaveFrame } from './embed-pages.ts'
import { forget, isDev } from '../data/remember.ts'
import { fileAt } from './built-pages.ts'
import { beginKeeping } from './kept-pages.ts'
import { buildAlone } from './one-build.ts'
import { standingFiles } from './standing-files.ts'
import type { StandingFiles } from './standing-files.ts'
import { renderTexts } from './render-texts.ts'
import { documentLoaders } from './document-loaders.ts'
import { sharedLoaders } from './shared-loaders.ts'
import { shareTexts } from './runbook-texts.ts'
import { showPages } from './shown-pages.ts'
import { lookAgain } from './look-again.ts'
import { sayOnce } from './say-once.ts'
import { sayUnwatched } from './say-unwatched.ts'
import { watchPackage } from './watch-package.ts'
import { watchWorkspace } from './watch-workspace.ts'
import { describeAll } from '../remark/describe-findings.ts'

/**
 * Refuses a build that could not be trusted: every runbook is read by the runner's own reader before Astro renders
 * anything, and one finding that is an error stops it.
 */
export function runbookSite(config: Config, root: string, sources: string): AstroIntegration {
  let base = '/'
  let address = ''
  /** Where Astro writes what it knows of the documents. */
  let generated = ''
  /** Where a build keeps what the next one may use again. */
  let kept = ''
  let out = ''
  let endKeeping = (): void => undefined
  let endBuild = (): void => undefined
  let isBuild = false
  /** The site that this build replaces when it is whole. */
  let site: string | undefined
  let standing: StandingFiles
  let texts: Awaited<ReturnType<typeof renderTexts>>
  return {
    name: 'runbook-site',
    hooks: sayOnce({
      'astro:config:setup': async ({ command, config: project, updateConfig }) => {
        if (command === 'dev') forget()
        isBuild = command === 'build'
        if (!isBuild) return
        site = replacedBy(fileURLToPath(project.outDir).replace(/[\\/]$/, ''))
        // The folder is empty but for the files that `standingFiles` puts there.
        if (site !== undefined) updateConfig({ vite: { build: { emptyOutDir: false } } })
        const read = await readings(config, root)
        refuseErrors(read.flatMap(({ diagnostics }) => diagnostics))
      },
      'astro:config:done': async ({ config: project }) => {
        const { markdown, base: configured, cacheDir, outDir } = project
        out = fileURLToPath(outDir)
        kept = fileURLToPath(cacheDir)
        if (isBuild) endBuild = buildAlone(kept)
        generated = fileURLToPath(new URL('.astro', project.root))
        base = configured.replace(/\/?$/, '/')
        address = new URL(base, project.site).href
        const name = (markdown as { processor?: { name?: string } }).processor?.name
        if (name !== 'unified')
          throw new Error(
            `The Markdown processor is \`${name ?? 'not set'}\`, expected \`unified\`: steps would lose their checks and anchors. ` +
              'Set markdown.processor to unified({ smartypants: false, remarkPlugins: [remarkSteps] }) in astro.config.mjs.',
          )
        texts = await renderTexts(config, root, project, join(kept, 'texts.json'))
        shareTexts(texts)
        sharedLoaders.share(documentLoaders(config, root))
      },
      'astro:server:setup': ({ server, logger, refreshContent }) => {
        watchWorkspace(server, config, root, async () => refreshContent?.({}))
        if (isDev()) sayUnwatched(server.watcher, config.content, (sentence) => logger.warn(sentence))
        lookAgain(server.watcher)
        server.httpServer?.once('close', watchPackage(generated, server.watcher))
      },
      'astro:build:start': ({ setPrerenderer }) => {
        endKeeping = beginKeeping(kept)
        standing = standingFiles(out, site, join(kept, 'standing.json'))
        setPrerenderer((prerenderer) =>
          showPages(withPolicies(prerenderer, out, base, standing.release), base),
        )
      },
      'astro:build:generated': () => endKeeping(),
      'astro:build:done': async ({ assets, logger }) => {
        const made = new Set(
          [...assets.values()].flat().map((url) => relative(out, fileURLToPath(url)).split(sep).join('/')),
        )
        const { pages, problems, waiting } = await finish(
          { root, out, base, address, sources, kept, standing, made },
          config,
        )
        texts.keep()
        endBuild()
        const [plain, ours] = partition(problems, await plainPages(config, root))
        if (ours.length > 0) throw new Error(`The built site does not hold together:\n${ours.join('\n')}`)
        for (const problem of [...plain, ...waiting]) logger.warn(problem)
        logger.info(
          plain.length + waiting.length === 0
            ? `${pages} pages, every link, fragment and id holds`
            : `${pages} pages; ${plain.length + waiting.length} links or ids of documents do not hold`,
        )
      },
    }),
  }
}

/**
 * Narrows the policy of each page as it is rendered, so that one which is taken from an earlier build has its own already. A runbook,
 * which people open in a hurry, has its style in it; the style of all others is a file that the browser keeps. `release` gets the file of
 * each page that is rendered.
 */
function withPolicies(
  prerenderer: AstroPrerenderer,
  out: string,
  base: string,
  release: (file: string) => void,
): AstroPrerenderer {
  const styles = new Map<string, string>()
  const styleAt = (href: string): string => {
    const style = styles.get(href) ?? readFileSync(join(out, href.slice(base.length)), 'utf8')
    styles.set(href, style)
    return style
  }
  const render = prerenderer.render.bind(prerenderer)
  return Object.assign(prerenderer, {
    render: async (...[request, options]: Parameters<typeof render>) => {
      // Astro writes what it renders.
      release(fileAt(new URL(request.url).pathname.slice(base.length)))
      const result = await render(request, options)
      const response = result instanceof Response ? result : result.response
      if (!response.headers.get('content-type')?.startsWith('text/html')) return result
      const { pathname } = new URL(request.url)
      const text = await response.text()
      const isFramed = pathname.startsWith(`${base}${embedFolder}`)
      const html = narrowPolicy(pathname, isFramed ? leaveFrame(text, pathname, base) : text)
      const isRunbook = pathname.startsWith(`${base}runbooks/`)
      const narrowed = new Response(isRunbook ? inlineStyle(html, styleAt) : html, response)
      return result instanceof Response ? narrowed : { ...result, response: narrowed }
    },
  })
}

/** Pages of documents in plain Markdown, such as `/runbooks/a/`. */
async function plainPages(config: Config, root: string): Promise<string[]> {
  const read = await readings(config, root)
  return read
    .filter(({ document }) => document.format === 'md')
    .map(({ document }) => `/runbooks/${document.slug.toLowerCase()}/`)
}

/** A document of another owner is published unchanged: `check` reports its broken links. */
function partition(problems: readonly string[], plain: readonly string[]): [string[], string[]] {
  const isPlain = (problem: string): boolean => plain.some((page) => problem.startsWith(`${page}: `))
  return [problems.filter(isPlain), problems.filter((problem) => !isPlain(problem))]
}

function refuseErrors(diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(`The site is not built:\n${describeAll(errors)}`)
}
