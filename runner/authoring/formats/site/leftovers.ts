import { noteOf } from '../draft.ts'
import type { ImportNote } from '../draft.ts'
import { endOfFence } from './block.ts'
import type { Line } from './block.ts'

/** An instruction to take in another file, whose commands are not in the document. */
const include =
  /\{%-?\s*include(?:_relative|_cached)?\s+[^%]*?\.(?:md|markdown|adoc|txt|sh)\b[^%]*%\}|\{\{[<%]\s*(?:include|readfile|codenew|code_sample|snippet)\b[^{}]*\}\}|^\s*-{1,2}8<-{1,2}\s+"[^"]+"|\[!INCLUDE\s*\[[^\]]*\]\([^)]*\)\]|\{\{#include\s[^{}]*\}\}|^\s*`{3,}\{(?:include|literalinclude)\}\s*\S+/gi
/** Other instructions to the generator, which have no meaning here. */
const expression =
  /\{\{[<%][^{}]*[>%]\}\}|\{%[^{}]*%\}|\{\{\s*(?:site|page)\.[\w.-]+\s*\}\}|\{(?:ref|doc|numref|term)\}`[^`]*`/g
/** A link by the name that another document gives to one of its parts. */
const reference =
  /\]\(((?!(?:mailto|tel|sms|xmpp|urn|data|irc|ftp|ssh|page|javascript|vbscript):)[a-z][\w.-]*:(?!\/\/)[\w.:-]+)\)/gi
/** An address that the generator fills in; it is read as a link. */
const address =
  /\]\(\s*(?:(?:\{\{\s*site\.\w+\s*\}\})?\{(?:\{[<%]\s*(?:rel)?ref\b|%-?\s*(?:link|post_url)\b)|\{\{\s*site\.(?:base)?url\b|\{\{\s*["'])[^)]*\)/g

/** Findings for text that the generator of the site would fill in. */
export function generatorNotes(lines: readonly Line[]): ImportNote[] {
  const outside = proseOf(lines)
  const mentionsOf = (pattern: RegExp, within: readonly Line[] = outside): { text: string; line: number }[] =>
    within.flatMap(({ text, number: line }) =>
      [...text.replaceAll(address, '](x)').matchAll(pattern)].map(([match, name]) => ({
        text: (name ?? match).trim(),
        line,
      })),
    )
  const includes = mentionsOf(include, lines)
  const others = mentionsOf(expression).filter(({ text }) => !includes.some((one) => one.text.includes(text)))
  return [
    ...noteOf(
      includes,
      (list, many) =>
        `${list} ${many ? 'include other files, whose commands are' : 'includes another file, whose commands are'} not here: copy them into the document, and import again`,
    ),
    ...noteOf(
      others,
      (list, many) =>
        `${list} ${many ? 'stay' : 'stays'} text: only the generator of the site fills ${many ? 'them' : 'it'} in`,
    ),
    ...noteOf(
      mentionsOf(reference),
      (list, many) =>
        `the ${many ? 'links' : 'link'} ${list} ${many ? 'lead' : 'leads'} nowhere: ${many ? 'their names are' : 'its name is'} known to the generator of the site only`,
    ),
  ]
}

/** The lines outside fences: code may be of a template language of its own. */
function proseOf(lines: readonly Line[]): Line[] {
  const prose: Line[] = []
  for (let index = 0; index < lines.length;) {
    const end = endOfFence(lines, index)
    const line = lines[index]
    if (end === undefined && line) prose.push(line)
    index = end ?? index + 1
  }
  return prose
}
