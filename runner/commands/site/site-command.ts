import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AstroInlineConfig } from 'astro'
import type { Request as BuildRequest } from './build/index.ts'
import type { Request as DevRequest } from './dev/index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { untilEnded } from '../../kit/until-ended.ts'

/** Builds the pages of the workspace, or shows them while they are written. */
export async function build({ io, options }: BuildRequest): Promise<number> {
  const named = options.out
  const out = resolve(io.cwd, named ?? 'dist/site')
  const astro = await loadAstro()
  await astro.build({ ...siteConfig(), outDir: out }).catch(refuse)
  const look = `${io.program} serve${named === undefined ? '' : ` --site ${named}`}`
  if (!io.json) io.note(`The pages are in ${out}\nLook at them with: ${look}`)
  return exit.done
}

/** Serves the pages on loopback and renews them as files change, until it is stopped. */
export async function dev({ io, options }: DevRequest): Promise<number> {
  const { port } = options
  const astro = await loadAstro()
  return untilEnded(io, async () => {
    const server = await astro.dev({ ...siteConfig(), server: { host: '127.0.0.1', port } }).catch(refuse)
    return { close: () => server.stop() }
  })
}

/** The site's own files: beside the program as installed, above it as source. */
function siteConfig(): AstroInlineConfig {
  const here = fileURLToPath(new URL('.', import.meta.url))
  const installed = join(here, '../../site')
  return { root: existsSync(installed) ? installed : resolve(here, '../../..') }
}

async function loadAstro(): Promise<typeof import('astro')> {
  process.env['ASTRO_TELEMETRY_DISABLED'] = '1'
  try {
    return await import('astro')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new CliError(
      exit.failed,
      'The pages need packages that are not installed',
      'Install again with Node 24.12 or newer and without --omit=optional: npm leaves them out for an older one.',
    )
  }
}

function refuse(error: unknown): never {
  throw new CliError(exit.failed, (error as Error).message, 'Correct it and build again.')
}
