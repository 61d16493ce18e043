import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isRecord } from '../../runner/model/values/json.ts'
import { writeWhole } from '../../runner/write-whole.ts'
import { makeFolder } from '../../runner/make-folder.ts'

interface Kept<T> {
  /** The result for a text: that of the build before, or a new one. */
  of(text: string): T
  /** Writes the results that this build asked for, unless they are those of the build before. */
  keep(): void
}

/**
 * Results of a pure function of a text, records of JSON, kept in a file by the digest of the text. Another version of the code begins
 * anew. The file may be lost at any time; one that cannot be read counts as lost.
 */
export function keptResults<T extends object>(
  file: string,
  code: string,
  make: (text: string) => T,
): Kept<T> {
  const before = read(file, code)
  const results: Record<string, T> = {}
  let isNew = false
  return {
    of(text) {
      const key = createHash('sha256').update(text).digest('hex')
      const earlier = before[key]
      isNew ||= !isRecord(earlier)
      return (results[key] ??= isRecord(earlier) ? (earlier as T) : make(text))
    },
    keep() {
      if (!isNew && Object.keys(results).length === Object.keys(before).length) return
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
