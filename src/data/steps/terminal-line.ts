import type { InputSpec } from '../../../runner/model/values/input-types.ts'
import { isRequired } from '../../../runner/model/values/read-input.ts'

/** The line that runs a runbook, in two parts: the second is what the page replaces once it knows the values. */
export interface TerminalLine {
  fixed: string
  open: string
}

/** The line for a whole runbook, or from one of its steps. Only what has no default needs to be said. */
export function terminalLine(
  slug: string,
  inputs: Readonly<Record<string, InputSpec>>,
  from?: string,
): TerminalLine {
  const required = Object.entries(inputs).filter(([, spec]) => isRequired(spec))
  const flags = (secret: boolean, value: (name: string) => string): string =>
    required
      .filter(([, { type }]) => (type === 'secret') === secret)
      .map(([name]) => ` -i ${name}=${value(name)}`)
      .join('')
  const start = `runbook exec ${slug}${from === undefined ? '' : ` --from ${from}`}`
  return { fixed: start + flags(true, (name) => `@${name}.txt`), open: flags(false, () => '…') }
}
