import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import typescript from 'typescript'

/**
 * Writes the types of modules as the compiler writes them down, with those they lead to.
 * @param modules paths from the root, below `runner`
 */
export function writeTypes(root: string, modules: readonly string[], folder: string): void {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const how = ['--declaration', '--emitDeclarationOnly', '--rootDir', 'runner', '--outDir', folder]
  const like = [
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--allowImportingTsExtensions',
    '--skipLibCheck',
  ]
  execFileSync(
    process.execPath,
    [compiler, ...modules, ...how, ...like, '--ignoreConfig', '--strict', '--types', 'node'],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const needed = reached(modules.map((path) => join(folder, declarationOf(path.replace(/^runner\//, '')))))
  const outputs = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  )
  // The compiler writes down every module that the code needs, most of them for no type.
  for (const { parentPath, name } of outputs)
    if (!needed.has(join(parentPath, name))) rmSync(join(parentPath, name))
}

/** Files of declarations with those they import, in paths. */
function reached(files: readonly string[]): Set<string> {
  const seen = new Set(files)
  for (const file of seen)
    for (const { fileName } of typescript.preProcessFile(readFileSync(file, 'utf8')).importedFiles)
      if (fileName.startsWith('.')) seen.add(resolve(dirname(file), declarationOf(fileName)))
  return seen
}

function declarationOf(module: string): string {
  return module.replace(/\.ts$/, '.d.ts')
}
