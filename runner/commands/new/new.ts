import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { newRunbook, templates, titleOf } from '../../authoring/new.ts'
import { suggest } from '../../model/suggest.ts'
import type { Call } from '../../kit/command.ts'
import { text } from '../../kit/command.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'

export async function run({ io, positionals, options }: Call): Promise<number> {
  const [written = '', name = written] = positionals
  const template = templates.find((known) => known === written)
  if (!template) {
    const near = suggest(written, templates)
    const hint = near ? `Did you mean \`${near}\`?` : `The templates are ${templates.join(', ')}.`
    throw new CliError(exit.usage, `There is no template \`${written}\``, hint)
  }
  const slug = name.replace(/\.mdx?$/i, '').toLowerCase()
  if (!/^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*$/.test(slug)) {
    const hint = 'Use lower-case words joined by hyphens, such as `database-locks` or `db/locks`.'
    throw new CliError(exit.usage, `Unexpected name \`${name}\``, hint)
  }
  const config = await openWorkspace(io)
  const path = join(config.content, `${slug}.mdx`)
  const taken = [path, join(config.content, `${slug}.md`)].find((each) => existsSync(each))
  if (taken !== undefined) {
    throw new CliError(exit.usage, `${shown(taken, io.cwd)} exists already`, 'Choose another name.')
  }
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, newRunbook(template, text(options, 'title') ?? titleOf(slug)), { flag: 'wx' })
  const file = shown(path, io.cwd)
  if (io.json) io.out(JSON.stringify({ slug, file }))
  else io.out(file)
  io.note(`Edit it, then try \`${io.program} check ${slug}\` and \`${io.program} plan ${slug}\`.`)
  return exit.done
}
