import { randomUUID } from 'node:crypto'
import { failure, success } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/problem.ts'

/**
 * Reads an output file: `name=value` lines and the heredoc form `name<<END … END`, exactly as GitHub Actions reads
 * $GITHUB_OUTPUT. A problem names the line that is neither.
 */
export function parseOutputs(text: string): Outcome<Record<string, string>> {
  const outputs: Record<string, string> = {}
  const lines = text.split(/\r?\n/)
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    if (line === '') continue
    const heredoc = /^([^=]+?)<<(.+)$/.exec(line)
    const equals = line.indexOf('=')
    if (heredoc && (equals === -1 || line.indexOf('<<') < equals)) {
      const end = lines.indexOf(heredoc[2] ?? randomUUID(), index + 1)
      if (end === -1)
        return failure(
          `is malformed at line ${index + 1}: \`${heredoc[1]}<<${heredoc[2]}\` has no end line \`${heredoc[2]}\``,
        )
      outputs[(heredoc[1] ?? '').trim()] = lines.slice(index + 1, end).join('\n')
      index = end
    } else if (equals > 0) {
      outputs[line.slice(0, equals).trim()] = line.slice(equals + 1)
    } else {
      return failure(
        `is malformed at line ${index + 1}: Unexpected \`${line.slice(0, 60)}\`, expected \`name=value\``,
      )
    }
  }
  return success(outputs)
}
