import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { Io } from '../../kit/io.ts'
import { namedFile } from '../../kit/named-file.ts'
import type { Plan } from '../../model/plan.ts'

/**
 * The call with the variables of a file, as far as the runbook declares them in `requires` and the shell does not set
 * them. Names that are not declared are not used: a file cannot change where programs come from or who runs.
 */
export function withDotenv(io: Io, file: string | undefined, { requires }: Plan): Io {
  if (file === undefined) return io
  const values = parseEnv(namedFile(file, io))
  if (file !== '-' && (statSync(resolve(io.cwd, file)).mode & 0o077) !== 0)
    io.note(`Other accounts may read ${file}. Keep it to yourself with \`chmod 600 ${file}\`.`)
  const declared = new Set([...(requires.env ?? []), ...(requires.optionalEnv ?? [])])
  const unused = Object.keys(values)
    .filter((name) => !declared.has(name))
    .toSorted()
  if (unused.length > 0)
    io.note(`${file}: ${unused.join(', ')} not used: \`requires\` of the runbook does not declare it.`)
  const used = [...declared].filter((name) => io.env[name] === undefined && values[name] !== undefined)
  return { ...io, env: { ...io.env, ...Object.fromEntries(used.map((name) => [name, values[name]])) } }
}
