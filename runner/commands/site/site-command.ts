import { accessSync, constants, cpSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AstroInlineConfig } from 'astro'
import type { Request as BuildRequest } from './build/index.ts'
import type { Request as DevRequest } from './dev/index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { findInPackage, pagesPackage } from '../../kit/optional-package.ts'
import { withProgress } from '../../kit/progress.ts'
import { replaceFolder } from '../../kit/replace-folder.ts'
import { untilEnded } from '../../kit/until-ended.ts'
import { version } from '../../kit/version.ts'
import { ProblemError } from '../../model/problem.ts'
import { isSingleFile } from '../../own-files.ts'
import { whenInterrupted } from '../../when-interrupted.ts'
import { buildProblem } from './build-problem.ts'

/** Files by which an earlier site is known. */
const siteMarks = ['_headers', 'sw.js', '404.html']
/** How long a failure has to be told before the process ends, in milliseconds. */
const leaveMs = 500

/** Builds the pages of the workspace, or shows them while they are written. */
export async function build({ io, options }: BuildRequest): Promise<number> {
  const named = options.out
  const out = resolve(io.cwd, named ?? 'dist/site')
  await withProgress(io, 'Building the pages …', () => buildInto(out, io.cwd))
  const look = `${io.program} serve${named === undefined ? '' : ` --site ${named}`}`
  if (io.json) io.out(JSON.stringify({ out }))
  else io.note(`The pages are in ${out}\nLook at them with: ${look}`)
  return exit.done
}

async function buildInto(out: string, cwd: string): Promise<void> {
  const { astro, config } = await loadPages(cwd)
  await replaceFolder(out, siteMarks, async (partial) => {
    // Astro tells each page; the progress tells how many.
    const make = (outDir: string): Promise<void> =>
      astro.build({ ...config, outDir, logLevel: 'warn' }).catch(refuse)
    await (isOneFileSystem(partial, process.cwd()) ? make(partial) : makeInWorkspace(partial, make))
  })
}

function isOneFileSystem(folder: string, other: string): boolean {
  return statSync(folder).dev === statSync(other).dev
}

/** Astro renames files out of its folder in the working directory, which no file system does into another. */
async function makeInWorkspace(folder: string, make: (outDir: string) => Promise<void>): Promise<void> {
  const made = join(process.cwd(), '.astro/site')
  const remove = (): void => rmSync(made, { recursive: true, force: true, maxRetries: 3 })
  remove()
  const end = whenInterrupted(remove)
  try {
    await make(made)
    cpSync(made, folder, { recursive: true })
  } finally {
    end()
    remove()
  }
}

/** Serves the pages on loopback and renews them as files change, until it is stopped. */
export async function dev({ io, options }: DevRequest): Promise<number> {
  const { port } = options
  const { astro, config } = await loadPages(io.cwd)
  return untilEnded(io, async () => {
    const server = await astro
      .dev({ ...config, server: { host: '127.0.0.1', port } })
      .catch((error: unknown) => {
        // Servers that Astro had begun by then go on, and would keep the process.
        setTimeout(() => process.exit(), leaveMs)
        return refuse(error)
      })
    return { close: () => server.stop() }
  })
}

interface Pages {
  astro: typeof import('astro')
  config: AstroInlineConfig
}

/** The site's own files and what builds them: of the package of the pages, or of this repository. */
async function loadPages(cwd: string): Promise<Pages> {
  if (isSingleFile)
    throw new CliError(
      exit.failed,
      'The pages are built by a package, which this single file does not contain',
      `With Node: \`npm install runbook@${version} ${pagesPackage}@${version}\`, then \`npx runbook site build\`.`,
    )
  const manifest = pagesManifest(cwd)
  process.env['ASTRO_TELEMETRY_DISABLED'] = '1'
  // It asks a registry for a newer version, and notes that beside the site's files.
  process.env['ASTRO_DISABLE_UPDATE_CHECK'] = 'true'
  const astro = createRequire(manifest).resolve('astro')
  const root = join(dirname(manifest), basename(dirname(manifest)) === pagesPackage ? 'site' : '.')
  refuseWithoutRight(root)
  return { astro: (await import(pathToFileURL(astro).href)) as typeof import('astro'), config: { root } }
}

/** Astro writes what it makes of a project beside the site's files, which may be those of another account. */
function refuseWithoutRight(root: string): void {
  try {
    accessSync(root, constants.W_OK)
  } catch {
    throw new CliError(
      exit.failed,
      `The pages are made in ${root}, which this account cannot write to`,
      `Install them in the project: \`npm install runbook@${version} ${pagesPackage}@${version}\`; or build as the account that installed them.`,
    )
  }
}

/** The manifest beside the site's files. */
function pagesManifest(cwd: string): string {
  // As source, the site is a part of this repository.
  const source = join(import.meta.dirname, '../../../package.json')
  if (existsSync(join(dirname(source), 'astro.config.mjs'))) return source
  const manifest = findInPackage(`${pagesPackage}/package.json`, cwd)
  const line = `Install them beside it: \`npm install ${pagesPackage}@${version}\`, or the file ${pagesPackage}-${version}.tgz if runbook came from a file.`
  if (manifest === undefined)
    throw new CliError(
      exit.failed,
      `The pages are a package of their own, ${pagesPackage}, which is not installed`,
      line,
    )
  const installed = (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
  if (installed !== version)
    throw new CliError(
      exit.failed,
      `${pagesPackage} is ${installed}, and runbook is ${version}; they go together`,
      line,
    )
  return manifest
}

function refuse(error: unknown): never {
  throw new ProblemError(buildProblem(error as Error, process.cwd()), exit.failed)
}
