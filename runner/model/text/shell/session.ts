import { isOpen } from './shell-text.ts'

/** The commands of a terminal session, and for each of their lines its index in the text it came from. */
export interface Session {
  code: string
  lines: number[]
  /** Indexes of lines typed into a shell that an earlier command opens; they are not in `code`. */
  inner: number[]
}

/**
 * `$ `, `$> `, `host$ `, `user@host:~$ `, `[root@host ~]# `, `(env) % `: the host part allows the prompts of root and zsh
 * too.
 */
const dollar =
  /^\s{0,8}(?:\([\w.-]+\)\s*)?(?:[\w.-]+@[\w.-]+(?::\S*)?\s*|(?!(?:ba|da|k|z)?sh-\d)[A-Za-z][\w.-]*(?::[~/][^\s$]*)?(?=\$>?(?:\s+[A-Za-z_./~"'$(]|\s*$))|\[[^\]\n]{1,80}\]\s*)?\$>?(?:\s+|$)/
const hosted =
  /^\s{0,8}(?:\([\w.-]+\)\s*)?(?:[\w.-]+@[\w.-]+(?::[^\s#%]*)?\s*(?:[~/][^\s#%]*\s+)?|\[[^\]\n]{1,80}\]\s*)[#%](?:\s+|$)/
/** Prompts of shells without a name or a host: `sh-5.1$ `, `/ # `, `PS /home> `, `❯ `, `➜  ~ `. */
const bare =
  /^\s{0,8}(?:(?:ba|da|k|z)?sh-\d[\w.]*[#$%]\s*|(?:[~/] [#$]|PS [/~][^>|\n]{0,80}>|\u279C\s+(?:~|[\w./-]+)(?:\s+git:\([^)\n]*\)(?:\s+\u2717)?)?|[\u276F\u03BB])(?:\s+|$))/
/** Of root on a host, `host# ` and `host:~ # `. A script may have such a word, so only a text that begins with it is a session. */
const onHost = /^\s{0,8}[A-Za-z][\w.-]*(?::[~/]\S* )?#\s+(?=[A-Za-z./~"'$(])/
/** Of PowerShell on Windows, which runs none of our scripts. */
const powershell = /^\s{0,8}PS(?: [A-Za-z]:[^>|\n]{0,80})?>(?:\s|$)/
const rooted = /^\s{0,8}[#%]\s+/
const continuation = /^\s{0,8}>(?: |$)/

/** Lines of one command; what goes on for longer was never closed. */
const longest = 100

/** Whether a shell fence shows a session: a line of it begins with a prompt. */
export function hasPrompt(code: string): boolean {
  return isOnHost(code) || code.split('\n').some((line) => promptOf(line) !== undefined)
}

function isOnHost(code: string): boolean {
  return onHost.test(code.split('\n').find((line) => line.trim() !== '') ?? '')
}

/** Whether a text shows a session of PowerShell. */
export function isPowerShell(code: string): boolean {
  return code.split('\n').some((line) => powershell.test(line))
}

/** The prompt a line begins with. One that may be a comment of a script (`# `) is not counted. */
export function promptOf(line: string): string | undefined {
  return (dollar.exec(line) ?? hosted.exec(line) ?? bare.exec(line))?.[0]
}

/**
 * The index of a line before the first prompt that would be read as output, though the fence says that it is a script:
 * its author may have meant a command. Undefined when there is none.
 */
export function lineBeforePrompt(code: string): number | undefined {
  if (isOnHost(code)) return undefined
  const lines = code.split('\n')
  const first = lines.findIndex((line) => /^\s*[^#\s]/.test(line) || promptOf(line) !== undefined)
  return first === -1 || promptOf(lines[first] ?? '') !== undefined ? undefined : first
}

/**
 * Takes the commands out of a session: prompts are stripped and output lines dropped. A command goes on over
 * backslashes, open quotes, here-documents, pipes and `> ` lines. Undefined when there is no prompt at all.
 */
export function readSession(code: string): Session | undefined {
  const lines = code.split('\n').map((line) => line.replace(/\r$/, ''))
  const outer = lines.some((line) => dollar.test(line) || hosted.test(line))
  const patterns = outer ? [dollar, hosted] : isOnHost(code) ? [onHost] : hasPrompt(code) ? [bare] : [rooted]
  const prompt = (line: string): string | undefined =>
    patterns.map((pattern) => strip(line, pattern)).find((text) => text !== undefined)
  const inner: number[] = []
  const kept: string[] = []
  const numbers: number[] = []
  let command: string | undefined
  let length = 0
  for (const [index, line] of lines.entries()) {
    const open = command !== undefined && length < longest && goesOn(command)
    const started = open ? undefined : prompt(line)
    const text: string | undefined =
      started ?? (command === undefined || length >= longest ? undefined : continued(command, line, open))
    if (text === undefined) {
      if (outer && (bare.test(line) || powershell.test(line))) inner.push(index)
      command = undefined
      continue
    }
    command = started === undefined ? `${command}\n${text}` : text
    length = started === undefined ? length + 1 : 1
    kept.push(text)
    numbers.push(index)
  }
  return kept.length > 0 ? { code: kept.join('\n'), lines: numbers, inner } : undefined
}

function strip(line: string, prompt: RegExp): string | undefined {
  const match = prompt.exec(line)
  return match ? line.slice(match[0].length) : undefined
}

function continued(command: string, line: string, open: boolean): string | undefined {
  if (open) return strip(line, continuation) ?? line
  return continuation.test(line) && !/^\s*>\s*$/.test(line) && needsMore(command)
    ? strip(line, continuation)
    : undefined
}

function goesOn(command: string): boolean {
  return (
    /(^|[^\\])(\\\\)*\\$/.test(command) ||
    /(\||&&)\s*$/.test(command) ||
    needsMore(command) ||
    isOpen(command)
  )
}

/** Whether a loop, a condition or a case is still to be closed. */
function needsMore(command: string): boolean {
  const words = command.match(/(?<=^|[;&|\s])(?:do|done|if|fi|case|esac)(?=$|[;&|\s)])/g) ?? []
  const count = (word: string): number => words.filter((one) => one === word).length
  return count('do') > count('done') || count('if') > count('fi') || count('case') > count('esac')
}
