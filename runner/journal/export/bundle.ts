import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isSafeName, namedFiles } from '../evidence.ts'
import { readJournal } from '../read.ts'
import { evidenceFiles, files } from '../store.ts'
import type { Verification } from '../verify.ts'
import { statement } from './statement.ts'

const recipe = join(import.meta.dirname, '..', 'recipe')

/** Copies all evidence of a run into an empty folder, with the recipe that checks it and the page that says what it proves. */
export function writeBundle(run: string, state: string, target: string, verified: Verification): void {
  mkdirSync(target, { recursive: true })
  const { index, ...own } = evidenceFiles
  for (const name of [files.journal, files.plan, files.document, ...Object.values(own)])
    copy(run, target, name)
  copy(state, target, index)
  const events = readJournal(join(run, files.journal))
  for (const { file } of namedFiles(events)) if (isSafeName(file)) copy(run, target, file)
  for (const name of ['verify.sh', 'checks.jq']) copy(recipe, target, name)
  const text = statement(events, readFileSync(join(run, files.plan), 'utf8'), verified)
  writeFileSync(join(target, 'STATEMENT.md'), text)
}

function copy(from: string, to: string, name: string): void {
  if (!existsSync(join(from, name))) return
  mkdirSync(dirname(join(to, name)), { recursive: true })
  cpSync(join(from, name), join(to, name))
}
