import { relative } from 'node:path'
import type { Plugin } from 'esbuild'

/** A name that an `export` may have. */
const exportable = /^[A-Za-z_$][\w$]*$/

/**
 * Takes from each of Node's own modules the names that are used. An `import` of one reads all that it exports, and
 * much of that is loaded when it is read: `node:crypto` brings Web Crypto. Each importer has a module of its own
 * between, from which the bundler leaves out the names that it does not use.
 */
export const builtIns: Plugin = {
  name: 'built-ins',
  setup({ onResolve, onLoad, initialOptions: { absWorkingDir = process.cwd() } }) {
    onResolve({ filter: /^node:/ }, ({ path, kind, importer, namespace }) =>
      kind === 'import-statement' && namespace === 'file'
        ? { path, suffix: `?${relative(absWorkingDir, importer)}`, namespace: 'built-in', sideEffects: false }
        : undefined,
    )
    onLoad({ filter: /^node:/, namespace: 'built-in' }, ({ path }) => ({ contents: takenFrom(path) }))
  },
}

function takenFrom(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) => exportable.test(name))
  return [
    `const all = process.getBuiltinModule(${JSON.stringify(path)})`,
    'const take = (name) => all[name]',
    'export default all',
    // A reserved word cannot be the name of a constant.
    ...names.map((name) => `const ${name}_ = /* @__PURE__ */ take(${JSON.stringify(name)})`),
    `export { ${names.map((name) => `${name}_ as ${name}`).join(', ')} }`,
  ].join('\n')
}
