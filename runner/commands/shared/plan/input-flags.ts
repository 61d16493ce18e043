import { inputNamed } from '../../../engine/plan/read-inputs.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import { namedFile } from '../../../kit/named-file.ts'
import type { Runbook } from '../../../model/runbook.ts'
import { isReference } from '../../../model/secret-reference.ts'

/**
 * Reads `-i name=value` flags; `name=@file` takes the value from a file, `name=@-` from standard input. `isSecret` tells
 * which names are secrets: in the arguments, everyone who lists processes would see them. A reference may be seen.
 */
export function parseInputFlags(
  flags: readonly string[],
  isSecret: (name: string) => boolean,
  io: Io,
): Map<string, string> {
  return new Map(
    flags.map((flag) => {
      const equals = flag.indexOf('=')
      if (equals < 1)
        throw new CliError(exit.usage, `Unexpected input \`${flag}\``, 'Write it as -i name=value.')
      const [name, value] = [flag.slice(0, equals), flag.slice(equals + 1)]
      if (value.startsWith('@')) return [name, namedFile(value.slice(1), io).replace(/\r?\n$/, '')]
      if (isSecret(name) && !isReference(value)) throw seenByOthers(name)
      return [name, value]
    }),
  )
}

/** The flags of a runbook that declares its inputs. */
export function inputFlags(runbook: Runbook, flags: readonly string[], io: Io): Map<string, string> {
  const specs = runbook.meta.inputs ?? {}
  return parseInputFlags(flags, (name) => specs[inputNamed(specs, name) ?? '']?.type === 'secret', io)
}

function seenByOthers(name: string): CliError {
  return new CliError(
    exit.usage,
    `The secret \`${name}\` was given as an argument, where others can see it`,
    `Use -i ${name}=@file, -i ${name}=@- for standard input, -i ${name}=secret://…, or the environment variable ${variableOf(name)}.`,
  )
}

/** The environment variable that may give an input. */
export function variableOf(name: string): string {
  return `RUNBOOK_INPUT_${name.toUpperCase()}`
}
