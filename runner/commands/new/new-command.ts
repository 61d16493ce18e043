import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { firstPeople, newRunbook, titleOf } from '../../authoring/new-runbook.ts'
import { templateScenarios } from '../../authoring/templates/template-scenarios.ts'
import { scenarioPath } from '../../scenarios/format/read-scenarios.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'

export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const { template, name = template } = args
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
  const text = newRunbook(template, options.title ?? titleOf(slug))
  if (!dryRun) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
    const scenarios = scenarioPath(path)
    if (!existsSync(scenarios)) writeFileSync(scenarios, templateScenarios[template], { flag: 'wx' })
  }
  const people = text.includes('<Approval ') && !existsSync(config.people)
  if (people && !dryRun) {
    mkdirSync(dirname(config.people), { recursive: true })
    writeFileSync(config.people, firstPeople, { flag: 'wx' })
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
