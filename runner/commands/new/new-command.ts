import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { runbookFromSkill } from '../../authoring/from-skill.ts'
import { firstPeople, newRunbook, templates, titleOf } from '../../authoring/new-runbook.ts'
import type { Config } from '../../config.ts'
import { templateScenarios } from '../../authoring/templates/template-scenarios.ts'
import { scenarioPath } from '../../scenarios/format/read-scenarios.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { printable } from '../../kit/io.ts'
import { orThrow } from '../../model/problem.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'
import { writeNewFile } from '../../write-whole.ts'
import { makeFolder } from '../../make-folder.ts'

export async function run(request: Request): Promise<number> {
  const { io, args, options, dryRun } = request
  if (options.fromSkill !== undefined) return fromSkill(options.fromSkill, request)
  const { template, name = template } = args
  if (template === undefined || name === undefined)
    throw new CliError(
      exit.usage,
      'Neither a template nor `--from-skill` is given',
      `Name a template: ${templates.join(', ')}.`,
    )
  const slug = name.replace(/\.mdx?$/i, '').toLowerCase()
  if (!/^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*$/.test(slug)) {
    const hint = 'Use lower-case words joined by hyphens, such as `database-locks` or `db/locks`.'
    throw new CliError(exit.usage, `Unexpected name \`${name}\``, hint)
  }
  const config = await openWorkspace(io)
  const path = freePath(config, slug, io)
  const text = newRunbook(template, options.title ?? titleOf(slug))
  if (!dryRun) {
    makeFolder(dirname(path), 0o777)
    writeNewFile(path, text)
    const scenarios = scenarioPath(path)
    if (!existsSync(scenarios)) writeNewFile(scenarios, templateScenarios[template])
  }
  const people = text.includes('<Approval ') && !existsSync(config.people)
  if (people && !dryRun) {
    makeFolder(dirname(config.people), 0o777)
    writeNewFile(config.people, firstPeople)
    io.note(`Wrote ${shown(config.people, io.cwd)} too: replace its people by yours.`)
  }
  const file = shown(path, io.cwd)
  if (io.json) io.out(JSON.stringify({ slug, file }))
  else io.out(dryRun ? `would write ${file}` : file)
  if (!dryRun)
    io.note(
      `Edit it and its scenarios, then try \`${io.program} check ${slug}\`, \`${io.program} test ${slug}\` and \`${io.program} plan ${slug}\`.`,
    )
  return exit.done
}

/** The path of a new runbook, which no other has. */
function freePath({ content }: Config, slug: string, io: Io): string {
  const path = join(content, `${slug}.mdx`)
  const taken = [path, join(content, `${slug}.md`)].find((each) => existsSync(each))
  if (taken !== undefined)
    throw new CliError(exit.usage, `${shown(taken, io.cwd)} exists already`, 'Choose another name.')
  return path
}

/** Writes the runbook of a skill, and prints what the skill has that a runbook has not. */
async function fromSkill(skill: string, { io, args, options, dryRun }: Request): Promise<number> {
  if (args.template !== undefined)
    throw new CliError(exit.usage, 'A template and `--from-skill` are given', 'Leave one of them out.')
  const file = resolve(io.cwd, skill)
  if (!existsSync(file))
    throw new CliError(exit.usage, `There is no file \`${skill}\``, 'Give the path of a SKILL.md.')
  const config = await openWorkspace(io)
  const { name, text, steps, notes } = orThrow(runbookFromSkill(readFileSync(file), shown(file, io.cwd)))
  const path = freePath(config, name, io)
  const title =
    options.title === undefined
      ? text
      : text.replace(/^title: .*$/m, () => `title: ${JSON.stringify(options.title)}`)
  if (!dryRun) {
    makeFolder(dirname(path), 0o777)
    writeNewFile(path, title)
  }
  if (io.json) io.out(JSON.stringify({ slug: name, file: shown(path, io.cwd), steps, notes }))
  else io.out(dryRun ? `would write ${shown(path, io.cwd)}` : shown(path, io.cwd))
  for (const { line, message } of io.json ? [] : notes)
    io.note(`${shown(file, io.cwd)}:${line}: ${printable(message)}`)
  return exit.done
}
