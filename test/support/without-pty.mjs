// Loaded before the program with --import: as if the optional package for terminals had not been installed.
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('@lydell/')) return next(specifier, context)
    throw Object.assign(new Error(`Cannot find package ${specifier}`), { code: 'MODULE_NOT_FOUND' })
  },
})
