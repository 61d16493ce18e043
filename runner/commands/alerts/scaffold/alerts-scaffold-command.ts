import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { annotationLine } from '../../../alerts/annotation.ts'
import { foreignHint } from '../../../alerts/foreign-alerts.ts'
import { missingWords, readRuleFiles } from '../../../alerts/rule-files.ts'
import { buildLink } from '../../../alerts/link.ts'
import type { Site } from '../../../alerts/pages/page-site.ts'
import type { AlertRule } from '../../../alerts/rule.ts'
import { stubFor } from '../../../alerts/scaffold.ts'
import type { Stub } from '../../../alerts/scaffold.ts'
import type { Request } from './index.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import { printable } from '../../../kit/io.ts'
import { openWorkspace, shown } from '../../shared/workspace.ts'
import { ourPages } from '../alerts-options.ts'
import { writeNewFile } from '../../../write-whole.ts'
import { makeFolder } from '../../../make-folder.ts'

export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const { files, missing } = readRuleFiles(args.files, io.cwd)
  const rules = files.flatMap((file) => file.rules)
  if (missing[0] !== undefined) {
    const { message, hint } = missingWords(missing[0], io.cwd)
    throw new CliError(exit.usage, `${message}: \`${missing[0]}\``, hint)
  }
  for (const { file, problems } of files)
    for (const { message } of problems) io.note(`${file}: ${printable(message)}`)
  if (rules.length === 0)
    throw new CliError(
      exit.usage,
      'There is no alert in these files',
      foreignHint(files) ?? 'Name the files that define alerts.',
    )
  const stubs = newStubs(rules, await ourPages(config, io), config.content)
  if (!dryRun) for (const stub of stubs) write(config.content, stub)
  const base = options.baseUrl[0] ?? config.site
  const rows = stubs.map(({ alert, slug, params, step }) => ({
    alert,
    file: shown(join(config.content, `${slug}.mdx`), io.cwd),
    ...(base === undefined ? {} : { annotation: annotationLine(buildLink(base, slug, params, step)) }),
  }))
  if (io.json) io.out(JSON.stringify(rows, undefined, 2))
  else
    for (const { alert, file, annotation } of rows)
      io.out(
        [
          `${file}  ${printable(alert)}`,
          ...(annotation === undefined ? [] : [`  ${printable(annotation)}`]),
        ].join('\n'),
      )
  const names = new Set(rules.map(({ name }) => name.value))
  io.note(
    `${stubs.length} of ${names.size} alerts had no page; ${dryRun ? 'nothing was written' : 'write into each what only you know'}.`,
  )
  return exit.done
}

/** One page for each alert that no runbook names; never over a file that is there. */
function newStubs(rules: readonly AlertRule[], site: Site, content: string): Stub[] {
  const named = new Set(site.pages.flatMap(({ alerts }) => alerts.map(({ name }) => name.toLowerCase())))
  const taken = new Set(site.pages.map(({ address }) => address.replace(/^runbooks\//, '')))
  const stubs: Stub[] = []
  for (const rule of rules) {
    const name = rule.name.value.trim()
    if (name === '' || rule.name.opaque || named.has(name.toLowerCase())) continue
    named.add(name.toLowerCase())
    const stub = stubFor(rule)
    if (taken.has(stub.slug) || existsSync(join(content, `${stub.slug}.mdx`))) continue
    taken.add(stub.slug)
    stubs.push(stub)
  }
  return stubs
}

function write(content: string, { slug, text }: Stub): void {
  makeFolder(content, 0o777)
  writeNewFile(join(content, `${slug}.mdx`), text)
}
