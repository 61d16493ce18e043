import { finding, placesIn } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { isLinkKey } from './alert.ts'
import type { Subject } from './alert.ts'
import { templateActions } from './template-actions.ts'

export interface TemplateFile {
  file: string
  text: string
}

const common = /\.CommonAnnotations\.(\w+)|index\s+(?:\$?\.)+CommonAnnotations\s+["`]([^"`]+)["`]/g

/** AL12: `CommonAnnotations` holds what is equal in all alerts of a group, and links with labels in them are not. */
export function commonAnnotations(files: readonly TemplateFile[], subjects: readonly Subject[]): Finding[] {
  const varying = subjects.find(({ links }) =>
    links.some(({ text }) => templateActions(text.value).length > 0),
  )
  if (!varying) return []
  return files.flatMap(({ file, text }) => {
    const places = placesIn(file, text)
    return [...text.matchAll(common)]
      .filter((match) => isLinkKey(match[1] ?? match[2] ?? ''))
      .map((match) => {
        const message = `\`${match[0]}\` is empty as soon as alerts with different links are grouped, such as those of \`${varying.rule.name.value}\``
        const hint =
          'Range over `.Alerts` and use `.Annotations.runbook_url` of each, or `(index .Alerts 0).Annotations.runbook_url`.'
        return finding('AL12', '', places(match.index, match.index + match[0].length), message, { hint })
      })
  })
}

/** The template files an Alertmanager configuration names, as written. */
export function templateGlobs(text: string): string[] {
  const block = /^[ \t]*templates:[ \t]*(\[[^\]]*\]|(?:\r?\n[ \t]*-[^\n]*)+)/m.exec(text)?.[1] ?? ''
  return [...block.matchAll(/["']([^"']+)["']|-[ \t]+([^\s"'[\]]+)|[[,]\s*([^\s"',[\]]+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  )
}
