import { registerHooks } from 'node:module'
import * as own from '../index.ts'
import { shimFlag } from '../own-files.ts'

/** Under this name the program finds itself when a configuration on disk imports `runbook`. */
const shared = Symbol.for('runbook')
const address = 'runbook:index'

Object.assign(globalThis, { [shared]: own })
registerHooks({
  resolve: (name, context, next) =>
    name === 'runbook' ? { url: address, format: 'module', shortCircuit: true } : next(name, context),
  load: (url, context, next) =>
    url === address ? { format: 'module', shortCircuit: true, source } : next(url, context),
})

const source = `export const { ${Object.keys(own).join(', ')} } = globalThis[Symbol.for('runbook')]`

// A shim is told what to start by the runner that started it; a person who types the flag is not one.
if (process.argv[2] === shimFlag && process.send !== undefined) void import('../engine/process/shim/shim.ts')
else void start()

async function start(): Promise<void> {
  const [{ runProgram }, { runbook }] = await Promise.all([
    import('../kit/program.ts'),
    import('../commands/index.ts'),
  ])
  await runProgram(runbook)
}
