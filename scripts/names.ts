import { defineCommand, defineProgram, many, optional } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { filePath, string } from '../runner/kit/types.ts'
import { git } from './lib/git.ts'
import { nameRules } from './programs/names/name-rules.ts'
import type { NameKind } from './programs/names/name-rules.ts'

const rules = defineCommand({
  name: 'rules',
  summary: 'Print the rule of each kind of name, with an example.',
  args: {},
  options: {},
  effect: 'read',
  examples: ['runbook names'],
  run(): Promise<CommandReport> {
    const all = Object.entries(nameRules)
    return Promise.resolve({
      document: { rules: all.map(([kind, { form, example }]) => ({ kind, form, example })) },
      text: all
        .map(([kind, { form, example }]) => `${kind.padEnd(9)} ${example.padEnd(20)} ${form}\n`)
        .join(''),
    })
  },
})

const check = defineCommand({
  name: 'check',
  summary: 'Check names against their rules. Exits with 1 when one breaks its rule.',
  args: {},
  options: {
    tag: many(string('name'), 'A release tag.'),
    branch: many(string('name'), 'A branch.'),
    flag: many(string('key'), 'A key of a flag.'),
    incident: many(string('id'), 'An id of an incident.'),
    repository: optional(
      filePath('folder'),
      'Also every branch of this repository, and every tag of it that begins with v and a digit.',
    ),
  },
  effect: 'read',
  examples: [
    'runbook names check --branch "$(git branch --show-current)"',
    'runbook names check --repository .',
  ],
  async run({ options: { repository, ...given } }): Promise<CommandReport> {
    const inside = repository === undefined ? { tag: [], branch: [] } : await namesIn(repository)
    const named: [NameKind, string[]][] = [
      ['tag', [...given.tag, ...inside.tag]],
      ['branch', [...given.branch, ...inside.branch]],
      ['flag', given.flag],
      ['incident', given.incident],
    ]
    const names = named.flatMap(([kind, all]) =>
      all.map((name) => ({ kind, name, ok: nameRules[kind].holds(name) })),
    )
    const wrong = names.filter(({ ok }) => !ok)
    const lines = wrong.map(
      ({ kind, name }) =>
        `✕ ${kind} ${name}: expected ${nameRules[kind].form}, such as ${nameRules[kind].example}\n`,
    )
    return {
      document: { ok: wrong.length === 0, names },
      text: `${lines.join('')}${names.length} names, ${wrong.length} against their rule\n`,
      exitCode: wrong.length === 0 ? exit.done : exit.failed,
      hint: 'Rename it before others use the name.',
    }
  },
})

async function namesIn(repository: string): Promise<{ tag: string[]; branch: string[] }> {
  const lines = async (pattern: string): Promise<string[]> => {
    const text = await git(repository, ['for-each-ref', '--format=%(refname:lstrip=2)', pattern])
    return text.split('\n').filter((name) => name !== '')
  }
  const tags = await lines('refs/tags/')
  return { tag: tags.filter((name) => /^v\d/.test(name)), branch: await lines('refs/heads/') }
}

export const program = defineProgram({
  name: 'runbook names',
  summary: 'Check the names of tags, branches, flags and incidents against their rules. Only reads.',
  commands: [rules, check],
  fallback: 'rules',
})

if (import.meta.main) await runProgram(program)
