import type { Metafile } from 'esbuild'
import { expect, test } from 'vitest'
import { loadedLater, moduleGroups } from './module-groups.ts'

type Imports = Metafile['inputs'][string]['imports']

/** A module with its imports: `node:fs` is a part of Node, and `?path` is loaded later. */
const module = (...paths: string[]): Metafile['inputs'][string] => ({
  bytes: 1,
  imports: paths.map((path): Imports[number] => ({
    path: path.replace('?', ''),
    kind: path.startsWith('?') ? 'dynamic-import' : 'import-statement',
    ...(path.startsWith('node:') ? { external: true } : {}),
  })),
})
const modules = {
  'runner/commands/main.ts': module('runner/kit/args.ts', 'node_modules/zod/index.js', '?runner/list.ts'),
  'runner/kit/args.ts': module('node:util'),
  'runner/commands/exec/exec-command.ts': module('runner/shim.ts'),
  'runner/shim.ts': module(),
  'runner/commands/exec/execute.ts': module('runner/kit/args.ts', 'runner/shim.ts', 'runner/loop.ts'),
  'runner/loop.ts': module('runner/words.ts'),
  'runner/words.ts': module(),
  'runner/list.ts': module('runner/plain.ts', 'runner/disk.ts', 'runner/words.ts'),
  'runner/log.ts': module('runner/plain.ts', 'runner/disk.ts', 'runner/rare.ts'),
  'runner/runs.ts': module('runner/plain.ts', 'runner/disk.ts', 'runner/rare.ts'),
  'runner/plain.ts': module(),
  'runner/disk.ts': module('node:fs'),
  'runner/rare.ts': module(),
  'node_modules/zod/index.js': module(),
}

test('modules are grouped by who loads them: every call, a run, or three entries', () => {
  expect(moduleGroups(modules, new Set(['runner/list.ts', 'runner/log.ts', 'runner/runs.ts']))).toEqual({
    start: ['runner/kit/args.ts'],
    run: ['runner/commands/exec/execute.ts', 'runner/loop.ts', 'runner/words.ts'],
    shared: ['runner/plain.ts'],
  })
  expect(loadedLater(modules)).toEqual(['runner/list.ts'])
})
