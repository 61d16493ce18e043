import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { verifyArtifact } from '../../domain/artifact.ts'

/** A file ready to be sent. */
interface Content {
  type: string
  body: Buffer
}

/** A product in memory: its files by URL path, its version and the commit it was built from. */
export interface Site {
  version: string
  commit: string
  files: ReadonlyMap<string, Content>
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

/** Loads an artifact folder. `public/index.html` answers `/`. @throws {CliError} when the artifact does not verify */
export async function loadSite(folder: string): Promise<Site> {
  const { metadata } = await verifyArtifact(folder)
  const files = new Map<string, Content>()
  for (const { name } of metadata.artifacts) {
    if (!name.startsWith('public/')) continue
    const path = name.slice('public'.length)
    const content = {
      type: TYPES[extname(name)] ?? 'application/octet-stream',
      body: await readFile(join(folder, name)),
    }
    files.set(path === '/index.html' ? '/' : path, content)
  }
  return { version: metadata.version, commit: metadata.commit, files }
}
