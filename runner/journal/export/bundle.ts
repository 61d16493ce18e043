import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ownText } from '../../own-files.ts'
import { watched } from '../../watched.ts'
import { isSafeName, namedFiles } from '../verify/evidence.ts'
import { copyWithin, listWithin, readTextWithin } from '../record/folder.ts'
import { readJournal } from '../record/read-journal.ts'
import { evidenceFiles, files } from '../record/run-store.ts'
import type { Verification } from '../verify/verify-evidence.ts'
import { statement } from './statement.ts'
import { makeFolder } from '../../make-folder.ts'

/** Copies all evidence of a run into an empty folder, with the recipe that checks it and the page that says what it proves. */
export async function writeBundle(
  run: string,
  state: string,
  target: string,
  verified: Verification,
): Promise<void> {
  makeFolder(target, 0o777)
  const { index, ...own } = evidenceFiles
  for (const name of [files.journal, files.plan, files.document, ...Object.values(own)])
    copyWithin(run, name, target)
  for (const list of [own.signers, own.revoked])
    for (const file of listWithin(run, `${list}.sigs`).files) copyWithin(run, file, target)
  copyWithin(state, index, target)
  const events = readJournal(join(run, files.journal))
  for await (const { file } of watched([...namedFiles(events)], 'files')) {
    if (isSafeName(file)) copyWithin(run, file, target)
  }
  for (const name of ['verify.sh', 'checks.jq', 'keys.sh'])
    writeFileSync(join(target, name), ownText(`recipe/${name}`), {
      mode: name.endsWith('.sh') ? 0o755 : 0o644,
    })
  const text = statement(events, readTextWithin(run, files.plan) ?? '{}', verified)
  writeFileSync(join(target, 'STATEMENT.md'), text)
}
