import * as z from 'zod'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { parseYaml } from '../../runner/model/text/yaml.ts'

const file = z.looseObject({ packages: z.array(z.string()).default([]) })

/** The patterns of the folders of a pnpm workspace. @throws {CliError} */
export function pnpmPackages(yaml: string): string[] {
  const unusable = (why: string): CliError =>
    new CliError(
      exit.failed,
      `pnpm-workspace.yaml cannot be used: ${why}`,
      'Correct the file, and commit it.',
    )
  let value: unknown
  try {
    value = parseYaml(yaml)
  } catch {
    throw unusable('it is not valid YAML')
  }
  const read = file.safeParse(value ?? {})
  if (!read.success) throw unusable('`packages` is not a list of folders')
  const beyond = read.data.packages.find((pattern) => pattern.startsWith('!') || pattern.includes('**'))
  if (beyond !== undefined) throw unusable(`\`${beyond}\` has a form that is not read here; use folder/*`)
  return read.data.packages.map((pattern) => pattern.replace(/^\.\//, '').replace(/\/$/, ''))
}
