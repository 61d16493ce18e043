import { getRawAsset } from 'node:sea'
import { Script, constants } from 'node:vm'

/**
 * Runs a script of the single file, which is a function of a CommonJS module, with the code that the build compiled.
 * @returns what it exports
 */
export function loadScript(name: 'commands' | 'operations'): unknown {
  const script = new Script(bytesOf(`${name}.cjs`).toString('latin1'), {
    filename: `${name}.cjs`,
    cachedData: bytesOf(`${name}.cache`),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  const own = { exports: {} }
  const body = script.runInThisContext() as (module: object, exports: object, load: NodeJS.Require) => void
  body(own, own.exports, require)
  return own.exports
}

function bytesOf(name: string): Buffer {
  return Buffer.from(getRawAsset(`program/${name}`))
}
