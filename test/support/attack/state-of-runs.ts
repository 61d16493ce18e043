import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { canonical } from '../../../runner/journal/record/canonical.ts'
import { firstPrev } from '../../../runner/journal/record/event.ts'
import { documentText, namespaces, parseHead } from '../../../runner/journal/verify/evidence.ts'
import { runFolder } from '../../../runner/journal/record/run-store.ts'
import { sha256 } from '../../../runner/journal/record/write-journal.ts'
import type { JsonObject } from '../../../runner/model/values/json.ts'
import { goodRun } from '../corpus.ts'
import { put, start, writeSpecimen } from '../evidence.ts'
import type { Keys, Specimen } from '../evidence.ts'
import { sshSign } from '../sshsig.ts'

/**
 * Makes a state folder with `count` signed runs and the one index of them all; returns their specimens, in order.
 * `skew` is how far the clock of each run's lines in the index is off, in milliseconds.
 */
export function writeState(
  state: string,
  count: number,
  keys: Keys,
  skew: (number: number) => number = () => 0,
): Specimen[] {
  const specimens: Specimen[] = []
  const ids = new Set<string>()
  for (let seed = 0; specimens.length < count; seed++) {
    const specimen = goodRun(seed, keys, { signed: true })
    if (ids.has(specimen.run)) continue
    ids.add(specimen.run)
    specimens.push({ ...specimen, before: [] })
  }
  put(state, 'heads.jsonl', indexOf(state, specimens, skew))
  return specimens
}

/** Writes each run, its head over the index as it stood then; returns the index. */
function indexOf(state: string, specimens: readonly Specimen[], skew: (number: number) => number): string {
  const lines: string[] = []
  const add = (fields: JsonObject, off: number): void => {
    const prev = lines.length === 0 ? firstPrev : sha256(lines.at(-1) ?? '')
    const ts = new Date(start + lines.length * 1000 + off).toISOString()
    lines.push(`${canonical({ ...fields, v: 1, seq: lines.length, ts, prev })}\n`)
  }
  for (const [number, specimen] of specimens.entries()) {
    const folder = runFolder(state, specimen.run)
    writeSpecimen(specimen, folder)
    const [opened, closed] = readFileSync(join(folder, 'heads.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-2)
      .map((line) => JSON.parse(line) as JsonObject)
    add(opened ?? {}, skew(number))
    const index = { size: lines.length, sha256: sha256(lines.at(-1) ?? '') }
    const head = documentText({ ...parseHead(readFileSync(join(folder, 'head.json'), 'utf8')), index })
    put(folder, 'head.json', head)
    if (specimen.signing) put(folder, 'head.json.sig', sshSign(specimen.signing.key, namespaces.head, head))
    add(closed ?? {}, skew(number))
    rmSync(join(folder, 'heads.jsonl'))
  }
  return lines.join('')
}
