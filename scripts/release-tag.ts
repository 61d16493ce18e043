import { defineCommand, defineProgram, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { filePath, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { readEntry } from './changelog.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { git } from './lib/git.ts'
import { readProduct } from './domain/product.ts'
import { suggestion } from '../runner/model/suggest.ts'
import { parseTag } from './domain/tag.ts'

const validate = defineCommand({
  name: 'validate',
  summary:
    'Check that a tag may become a release: its form, its component, annotated, with the version and a changelog entry of its commit.',
  args: {},
  options: {
    tag: required(string('tag'), 'Such as v1.4.0 or v1.4.0-frontend.'),
    repository: withDefault(filePath('folder'), '.', 'Checkout of the product.'),
    components: optional(
      string('names'),
      'Components that are released by themselves, separated by commas (default: none).',
    ),
  },
  effect: 'read',
  examples: ['runbook release-tag --tag v1.3.0 --repository .lab/storefront'],
  async run({ options }): Promise<CommandReport> {
    const read = parseTag(options.tag)
    const repository = options.repository
    refuseUnknown(read.component, (options.components ?? '').split(',').filter(Boolean))
    await refuseLightweight(repository, read.tag)
    const product = await readProduct(repository, read.tag)
    if (product.version !== read.version)
      throw new CliError(
        exit.failed,
        `${read.tag} is on a commit of another version: package.json says ${product.version} there`,
        'Tag the commit that has the version, or raise the version.',
      )
    const entry = readEntry(await git(repository, ['show', `${product.commit}:CHANGELOG.md`]), read.version)
    const facts = { version: read.version, component: read.component ?? 'all', commit: product.commit }
    return {
      document: { ok: true, tag: read.tag, ...facts, date: entry.date },
      text: Object.entries(facts)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    }
  },
})

function refuseUnknown(component: string | undefined, components: readonly string[]): void {
  if (component === undefined || components.includes(component)) return
  throw new CliError(
    exit.failed,
    `Unknown component \`${component}\`: ${components.length === 0 ? 'no component is released by itself' : `there are ${components.join(', ')}`}`,
    components.length === 0
      ? 'Name them with --components, or tag the whole product.'
      : suggestion(component, components),
  )
}

/** An annotated tag says who made it and when; a lightweight one is a name that anybody may move. */
async function refuseLightweight(repository: string, tag: string): Promise<void> {
  const type = (await git(repository, ['cat-file', '-t', `refs/tags/${tag}`])).trim()
  if (type === 'tag') return
  throw new CliError(
    exit.failed,
    `${tag} is a lightweight tag: it does not say who released what, and when`,
    `Make it anew: git tag -d ${tag} && git tag -a ${tag} -m "Release ${tag}"`,
  )
}

export const program = defineProgram({
  name: 'runbook release-tag',
  summary: 'Check that a tag may become a release. Only reads.',
  commands: [validate],
  fallback: 'validate',
})

if (import.meta.main) await runProgram(program)
