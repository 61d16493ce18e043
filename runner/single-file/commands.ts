import { enableCompileCache, registerHooks } from 'node:module'
import { compiledFolder } from '../cache-folder.ts'

/** Under this name the program finds itself when a configuration on disk imports `runbook`. */
const shared = Symbol.for('runbook')
const address = 'runbook:index'

registerHooks({
  resolve: (name, context, next) =>
    name === 'runbook' ? { url: address, format: 'module', shortCircuit: true } : next(name, context),
  load: (url, context, next) =>
    url === address ? { format: 'module', shortCircuit: true, source: ownModule() } : next(url, context),
})

/** The source of a module that exports what this program does. */
function ownModule(): string {
  // The bundler makes this a call within the file; few calls need it.
  const own = require('../index.ts') as object
  Object.assign(globalThis, { [shared]: own })
  return `export const { ${Object.keys(own).join(', ')} } = globalThis[Symbol.for('runbook')]`
}

// For a configuration on disk; the program's own code is compiled in the file.
const compiled = compiledFolder(process.env)
if (compiled !== undefined) enableCompileCache(compiled)
