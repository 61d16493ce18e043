import type { Request } from './check/index.ts'
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isFolderBase } from '../../alerts/check/alert.ts'
import type { CheckOptions } from '../../alerts/check/alert.ts'
import { ownSite } from '../../alerts/pages/own.ts'
import type { Site } from '../../alerts/pages/page-site.ts'
import { readTree } from '../../alerts/pages/page-tree.ts'
import { openCache } from '../../cache.ts'
import type { Config } from '../../config.ts'
import { listEntries, readEntry } from '../../library.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { openWorkspace } from '../shared/workspace.ts'

/** The pages and settings that `alerts check` compares rule files with. */
export interface AlertOptions extends CheckOptions {
  /** Address of our own published site, for links in messages. */
  published: string | undefined
}

export async function readAlertOptions(options: Request['options'], io: Io): Promise<AlertOptions> {
  const config = await openWorkspace(io)
  const folder = options.site
  const bases = options.baseUrl
  for (const base of bases) refuseOddBase(base)
  if (folder !== undefined && bases.length === 0)
    throw new CliError(
      exit.usage,
      'The pages of another site need the address they are published under',
      'Add --base-url https://…, or --base-url ./ where the links are paths.',
    )
  const ours = config.site === undefined || folder !== undefined ? [] : [config.site]
  return {
    bases: bases.length > 0 ? bases : ours,
    site: folder === undefined ? await ourPages(config, io) : otherPages(folder, io),
    severities: listOf(options.severity, ['critical', 'page']).map((name) => name.toLowerCase()),
    labels: options.label,
    published: config.site,
  }
}

function refuseOddBase(base: string): void {
  if (/^https?:\/\/[^/\s]/i.test(base) || base.includes('{{') || isFolderBase(base)) return
  throw new CliError(
    exit.usage,
    `Unexpected base address \`${base}\``,
    'Write it as https://host/path, as ./folder where the links are paths, or as the action a chart begins its links with.',
  )
}

/** One value may also contain several, with commas between them. */
function listOf(values: readonly string[], fallback: readonly string[]): string[] {
  const names = values.flatMap((one) => one.split(',')).filter((name) => name !== '')
  return names.length > 0 ? names : [...fallback]
}

function otherPages(folder: string, io: Io): Site {
  const path = resolve(io.cwd, folder)
  if (existsSync(path) && statSync(path).isDirectory()) {
    const site = readTree(path, io.cwd)
    if (site.pages.length > 0) return site
  }
  throw new CliError(
    exit.usage,
    `There are no pages in \`${folder}\``,
    'Name a folder with Markdown or HTML in it.',
  )
}

export async function ourPages(config: Config, io: Io): Promise<Site> {
  const cache = openCache(io.env)
  const documents = await Promise.all(
    listEntries(config.content).map(async (entry) => {
      const { document, bytes } = await readEntry(entry, io.cwd, config.kinds, cache)
      return { document, text: bytes.toString() }
    }),
  )
  return ownSite(documents)
}
