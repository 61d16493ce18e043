const variable = String.raw`\$[A-Za-z_]\w*(?!\w)|\$\{[A-Za-z_]\w*(?::\?)?\}`
const word = String.raw`(?:[\w./:=,@%+-]|${variable}|"(?:[^"\\\x60$]|${variable})*"|'[^']*')+`
const line = new RegExp(
  `^\\s*(?:${word}(?:[ \\t]+${word})*[ \\t]*(?:\\|[ \\t]*${word}(?:[ \\t]+${word})*[ \\t]*)*)?$`,
)
const reserved =
  /(^|\n|\|)[ \t]*(?:if|then|elif|else|fi|for|while|until|do|done|case|esac|function|select|time|coproc|in)(?=\s|$)/

/**
 * Whether a script is nothing but simple commands and pipes of plain words, which every shell can read. Most scripts of
 * runbooks are, so no shell has to be started for them.
 */
export function isPlainCommand(code: string): boolean {
  if (code.length > 4000 || reserved.test(code)) return false
  const lines = code.replaceAll('\\\n', ' ').split('\n')
  return lines.every((text) => line.test(text) || /^\s*#/.test(text))
}
