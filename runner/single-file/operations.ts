import type { Program, Subprogram } from '../kit/command.ts'
import { loadScript } from './load-script.ts'

let loaded: readonly Subprogram[] | undefined

/** Loads an operation from the script of all of them, which no other command needs. */
export async function loadOperation(name: string): Promise<{ program: Program }> {
  loaded ??= (loadScript('operations') as { programs: readonly Subprogram[] }).programs
  const operation = loaded.find((one) => one.name === name)
  if (!operation) throw new TypeError(`Unknown operation \`${name}\``)
  return operation.load()
}
