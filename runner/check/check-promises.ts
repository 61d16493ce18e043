import { relative, sep } from 'node:path'
import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Runbook } from '../model/runbook.ts'
import { suggest } from '../model/suggest.ts'
import { promisesFile, readPromises } from '../promised-addresses.ts'
import { textOf } from '../regular-file.ts'

/** Promised pages and anchors that are gone. `known`: every address of the library, earlier ones included. */
export function checkPromises(
  documents: readonly Runbook[],
  addresses: ReadonlySet<string>,
  content: string,
  cwd: string,
): Diagnostic[] {
  const path = promisesFile(content)
  const promised = readPromises(path)
  if (!promised) return []
  const file = relative(cwd, path).split(sep).join('/')
  if (!promised.ok) {
    const hint = 'Take it from the history, or write it anew: RUNBOOK_WRITE_ANCHORS=1 runbook site build.'
    return [diagnostic('file-unreadable', { file, line: 1, column: 1 }, promised.problem.message, { hint })]
  }
  const lines = textOf(path).split('\n')
  return Object.entries(promised.value).flatMap(([page, names]) => {
    const slug = page.replace(/^runbooks\//, '').replace(/\/$/, '')
    if (!addresses.has(page.replace(/\/$/, ''))) {
      const index = lines.findIndex((line) => line.includes(JSON.stringify(page)))
      const place = { file, line: index + 1, column: (lines[index]?.indexOf('"') ?? 0) + 1 }
      const hint = `Name \`${slug}\` in \`aliases:\` of the page that took its place.`
      return [diagnostic('lost-address', place, `The promised page \`/${page}\` is gone`, { hint })]
    }
    const document = documents.find((one) => one.slug === slug)
    return document ? lostAnchors(document, names) : []
  })
}

function lostAnchors({ file, anchors }: Runbook, promised: readonly string[]): Diagnostic[] {
  const names = anchors.map(({ name }) => name)
  return promised
    .filter((name) => !names.includes(name))
    .map((name) => {
      const near = suggest(name, names)
      const place = anchors.find((anchor) => anchor.name === near)?.place ?? { file, line: 1, column: 1 }
      const hint = `Write \`was="${name}"\` on the step that took its place, or \`<a id="${name}"></a>\` where its text is now.`
      return diagnostic('lost-address', place, `The promised anchor \`#${name}\` is gone`, { hint })
    })
}
