import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineCommand, defineProgram, withDefault } from '../../../runner/kit/command.ts'
import type { Program } from '../../../runner/kit/command.ts'
import { filePath } from '../../../runner/kit/types.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

interface Pages {
  /** Of the file under scripts, without its extension. */
  name: string
  summary: string
  /** The text of each page by its path in the repository. */
  pages: () => Promise<Record<string, string>>
}

/** A program that writes pages which are made from declarations. */
export function pageProgram({ name, summary, pages }: Pages): Program {
  const write = defineCommand({
    name: 'write',
    summary,
    args: {},
    options: { dir: withDefault(filePath('folder'), '.', 'The root of the repository to write to.') },
    effect: 'write',
    examples: [],
    async run({ options, dryRun }) {
      const made = Object.entries(await pages())
      for (const [path, text] of dryRun ? [] : made) {
        makeFolder(dirname(join(options.dir, path)), 0o777)
        writeFileSync(join(options.dir, path), text)
      }
      const mark = dryRun ? '$ would write' : '+'
      return {
        document: { ok: true, dryRun, pages: made.map(([path]) => path) },
        text: made.map(([path]) => `${mark} ${path}\n`).join(''),
      }
    },
  })
  return defineProgram({ name: `node scripts/${name}.ts`, summary, commands: [write], fallback: 'write' })
}
