import { Script, constants } from 'node:vm'
import type { Program, Subprogram } from '../kit/command.ts'
import { ownText } from '../own-files.ts'

let loaded: readonly Subprogram[] | undefined

/** Loads an operation from the second script of the single file, which no other command needs. */
export async function loadOperation(name: string): Promise<{ program: Program }> {
  loaded ??= runScript()
  const operation = loaded.find((one) => one.name === name)
  if (!operation) throw new TypeError(`Unknown operation \`${name}\``)
  return operation.load()
}

function runScript(): readonly Subprogram[] {
  const text = `(function(module,exports,require){${ownText('program/operations.cjs')}\n})`
  const script = new Script(text, {
    filename: 'operations.cjs',
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  const own = { exports: {} as { programs: readonly Subprogram[] } }
  const body = script.runInThisContext() as (module: object, exports: object, load: NodeJS.Require) => void
  body(own, own.exports, require)
  return own.exports.programs
}
