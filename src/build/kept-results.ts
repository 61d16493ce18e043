import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isRecord } from '../../runner/model/values/json.ts'
import { writeWhole } from '../../runner/write-whole.ts'
import { makeFolder } from '../../runner/make-folder.ts'

interface Kept {
  /** The result for a text: that of the build before, or a new one. */
  of(text: string): string
  /** Writes the results that this build asked for. */
  keep(): void
}

/**
 * Results of a pure function of a text, kept in a file by the digest of the text. Another version of the code begins anew. The file
 * may be lost at any time; one that cannot be read counts as lost.
 */
export function keptResults(file: string, code: string, make: (text: string) => string): Kept {
  const before = read(file, code)
  const results: Record<string, string> = {}
  return {
    of(text) {
      const key = createHash('sha256').update(text).digest('hex')
      const earlier = before[key]
      return (results[key] ??= typeof earlier === 'string' ? earlier : make(text))
    },
    keep() {
      makeFolder(dirname(file), 0o777)
      writeWhole(file, JSON.stringify({ code, results }), { mode: 0o644, flush: false })
    },
  }
}

function read(file: string, code: string): Record<string, unknown> {
  try {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(kept) && kept['code'] === code && isRecord(kept['results']) ? kept['results'] : {}
  } catch {
    return {}
  }
}
