import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { diagnostic } from './model/diagnostic.ts'
import type { Reading } from './model/read.ts'

/** A document in the content folder, not yet read. */
export interface Entry {
  slug: string
  /** Absolute path. */
  path: string
}

const extension = /\.mdx$/

/** Every runbook below the content folder, by slug. Names that begin with `_` or `.` are left out. */
export function listEntries(content: string): Entry[] {
  if (!existsSync(content)) return []
  return readdirSync(content, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extension.test(entry.name) && !/^[_.]/.test(entry.name))
    .map((entry) => entryAt(content, join(entry.parentPath, entry.name)))
    .toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
}

export function entryAt(content: string, path: string): Entry {
  const inside = relative(content, path)
  const shown = inside.startsWith('..') ? (path.split(sep).at(-1) ?? path) : inside
  return { slug: shown.split(sep).join('/').replace(extension, '').toLowerCase(), path }
}

/** Finds a runbook by slug, or by path when the name is one. */
export function findEntry(content: string, name: string, cwd: string): Entry | undefined {
  const path = resolve(cwd, name)
  if ((name.includes('/') || extension.test(name)) && existsSync(path) && statSync(path).isFile())
    return entryAt(content, path)
  return listEntries(content).find((entry) => entry.slug === name.toLowerCase())
}

/** Reads one document. Never throws for what is in it; a file that cannot be read is a diagnostic too. */
export async function readEntry(entry: Entry, cwd: string): Promise<Reading & { bytes: Buffer }> {
  const file = relative(cwd, entry.path).split(sep).join('/')
  try {
    const bytes = readFileSync(entry.path)
    // Reading a document costs more to load than all the rest; a listing does without it.
    const [{ readRunbook }, { kinds }] = await Promise.all([
      import('./model/read.ts'),
      import('./kinds/index.ts'),
    ])
    return { ...readRunbook({ file, slug: entry.slug, bytes }, kinds), bytes }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === undefined) throw error
    const problem = diagnostic(
      'file-unreadable',
      { file, line: 1, column: 1 },
      `The file cannot be read: ${code}`,
      {
        hint: 'Check that it exists and that you may read it.',
      },
    )
    return { diagnostics: [problem], bytes: Buffer.alloc(0) }
  }
}
