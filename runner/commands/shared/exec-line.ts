import { shellWord } from '../../model/text/shell/shell-word.ts'

/** The command that starts a run with these inputs, to be typed as it is; secrets are to be given from a file. */
export function execCommand(
  slug: string,
  inputs: Readonly<Record<string, string>>,
  secrets: readonly string[] = [],
): string {
  const given = Object.entries(inputs).map(([name, value]) => ` -i ${shellWord(`${name}=${value}`)}`)
  return `runbook exec ${slug}${given.join('')}${secretFlags(secrets)}`
}

/** The secrets that a command must be given to resume a run: they are stored nowhere. */
export function secretFlags(secrets: readonly string[]): string {
  return secrets.map((name) => ` -i ${name}=@<file>`).join('')
}
