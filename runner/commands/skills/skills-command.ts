import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { counted } from '../../model/counted.ts'
import type { CommandReport } from '../../kit/command.ts'
import { skillFiles } from '../shared/skill.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'
import type { Request } from './index.ts'
import { replaceFile } from '../../write-whole.ts'
import { makeFolder } from '../../make-folder.ts'

/** Writes the skills that differ; other files of the folder are left alone. */
export async function run({ io, options, dryRun }: Request): Promise<CommandReport> {
  const config = await openWorkspace(io)
  const folder = resolve(io.cwd, options.out)
  const files: string[] = []
  for (const [name, text] of Object.entries(await skillFiles(config))) {
    const file = join(folder, name)
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
    files.push(shown(file, io.cwd))
    if (dryRun) continue
    makeFolder(dirname(file), 0o777)
    replaceFile(file, text)
  }
  const what = dryRun ? 'would be written' : 'written'
  return {
    document: { folder: shown(folder, io.cwd), written: files },
    text: [...files, `${counted(files.length, 'skill')} ${what}`].join('\n'),
  }
}
