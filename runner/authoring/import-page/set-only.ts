/** A word of the shell, with its quotes and substitutions. */
const word =
  String.raw`(?:'[^']*'|"(?:[^"\\]|\\[^])*"|\$\((?:[^()]|\([^()]*\))*\)|` +
  '`[^`]*`' +
  String.raw`|\\[^]|[^\s'"\\` +
  '`;&|<>()])*'
const end = String.raw`[ \t]*(?:#[^\n]*)?(?:;|&&|\n|$)`
const exported = String.raw`(?:export|declare|readonly|typeset)[ \t]+(?:-\w+[ \t]+)*`
const set = String.raw`[A-Za-z_]\w*\+?=${word}`
const named = String.raw`[A-Za-z_]\w*(?:\+?=${word})?`
const assignments = new RegExp(
  String.raw`\s*(?:${exported}${named}(?:[ \t]+${named})*|${set}(?:[ \t]+${set})*)${end}`,
  'y',
)
/** Lines that do nothing by themselves: comments, and options of the shell. */
const idle = new RegExp(String.raw`\s*(?:#[^\n]*|set[ \t]+[-+][\w \t-]*)${end}|\s+$`, 'y')

/** The variables of a script that sets variables and does nothing else; none of any other script. */
export function onlySets(code: string): string[] {
  const names: string[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const [text] = pattern.exec(code) ?? []
    at += text?.length ?? 0
    return text
  }
  while (at < code.length) {
    const text = take(assignments)
    const name = /(?:^|[ \t])([A-Za-z_]\w*)(?:\+?=|[ \t]*[\n;&#]|$)/.exec(text?.trim() ?? '')?.[1]
    if (name !== undefined) names.push(name)
    else if (take(idle) === undefined) return []
  }
  return [...new Set(names)]
}
