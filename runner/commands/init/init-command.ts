import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { localSite, starterWorkspace } from '../../authoring/starter/starter.ts'
import type { StarterAnswers } from '../../authoring/starter/starter.ts'
import { defaults } from '../../config-defaults.ts'
import { whoAmI } from '../../engine/people/identity.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { readAs } from '../../kit/read-values.ts'
import { httpUrl } from '../../kit/types.ts'
import { counted } from '../../model/counted.ts'
import { isPlain } from '../../model/people/person.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'
import type { Request } from './index.ts'
import { writeNewFile } from '../../write-whole.ts'
import { makeFolder } from '../../make-folder.ts'

/** Writes the files of a new workspace. A file that exists is not changed. */
export async function run({ io, options, dryRun }: Request): Promise<number> {
  await refuseOtherLayout(io)
  const answers = await answersOf({ io, args: {}, options, dryRun })
  if (!isPlain(answers.owner))
    throw new CliError(
      exit.usage,
      `\`${answers.owner}\` is not an address in plain ASCII, so an approval cannot tell it from another`,
      'Give yours with `--owner ada@example.com`.',
    )
  const files = Object.entries(starterWorkspace(answers))
  const [kept, missing] = [true, false].map((exists) =>
    files.filter(([path]) => existsSync(join(io.cwd, path)) === exists),
  )
  for (const [path, text] of dryRun ? [] : (missing ?? [])) {
    makeFolder(join(io.cwd, dirname(path)), 0o777)
    writeNewFile(join(io.cwd, path), text)
  }
  const names = (some: typeof files = []): string[] => some.map(([path]) => path)
  if (io.json) io.out(JSON.stringify({ dryRun, written: names(missing), kept: names(kept) }))
  else {
    for (const path of names(missing)) io.out(dryRun ? `would write ${path}` : path)
    for (const path of names(kept)) io.note(`${path} exists and is not changed.`)
  }
  if (!dryRun) showNext(io, names(missing).length, answers.owner)
  return exit.done
}

/** The programs look for severities, people and templates below `content`. */
async function refuseOtherLayout(io: Io): Promise<void> {
  const { root, content } = await openWorkspace(io)
  if (root === io.cwd && content === join(root, defaults.content)) return
  const where = shown(content, io.cwd)
  throw new CliError(
    exit.usage,
    `This folder belongs to a workspace whose runbooks are in ${where}`,
    'Write one more runbook with `runbook new`, or begin a workspace in an empty folder.',
  )
}

async function answersOf({ io, options }: Request): Promise<StarterAnswers> {
  const suggested = whoAmI(io.env, 'init').actor.id
  const asks = io.interactive && !options.yes
  return {
    owner:
      options.owner ?? (asks ? await ask('Your e-mail address: decisions carry it', suggested) : suggested),
    site: options.site ?? (asks ? await askSite() : localSite),
    ci: options.ci ?? (asks ? await askCi() : 'github'),
  }
}

async function ask(question: string, fallback: string): Promise<string> {
  const { askText } = await import('../../kit/prompt.ts')
  return (await askText(`${question} (Enter: ${fallback})`, {})).trim() || fallback
}

async function askSite(): Promise<string> {
  const address = await ask('Address where the pages will be published', localSite)
  return readAs(httpUrl, address, '--site')
}

async function askCi(): Promise<StarterAnswers['ci']> {
  const { askChoice } = await import('../../kit/prompt.ts')
  return askChoice('CI that checks the runbooks on each change', [
    { value: 'github', label: 'GitHub Actions' },
    { value: 'none', label: 'None, or another' },
  ])
}

function showNext({ note, program, env }: Io, count: number, owner: string): void {
  const acts = whoAmI(env, 'init').actor.id
  if (acts !== owner)
    note(
      `\nDecisions of yours carry ${acts} here. Set RUNBOOK_ACTOR=${owner}, or git’s user.email, to be found in people.yaml.`,
    )
  note(`
${counted(count, 'file')} written. Next:

  ${program} check                    read them all, with what is wrong
  ${program} test                     play their scenarios: what happens when a step fails
  ${program} demo                     a release on a small system of its own, to its page
  ${program} verify last              the evidence of that release

Then make them yours: the people in content/people.yaml, the limits and the addresses in the inputs.`)
}
