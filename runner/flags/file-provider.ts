import { readFile } from 'node:fs/promises'
import { unwatchFile, watchFile } from 'node:fs'
import { resolve } from 'node:path'
import { flagEvaluator } from './flag-evaluator.ts'
import { type OpenFeatureProvider, resolving } from './openfeature-provider.ts'
import { type OnProblem, textOfError, warn } from './problems.ts'

export interface FileProviderOptions {
  /** A document of flagd, such as the `flags/production.flagd.json` that `runbook flags` writes. */
  file: string
  /** How often the file is looked at, in milliseconds: the longest time until a change counts. Default 250. */
  everyMs?: number
  onProblem?: OnProblem | undefined
}

/** The flags of a file. A file that is missing or broken leaves the last good flags in force. */
export function fileProvider({
  file,
  everyMs = 250,
  onProblem = warn,
}: FileProviderOptions): OpenFeatureProvider {
  const path = resolve(file)
  const evaluator = flagEvaluator()
  const read = async (): Promise<void> => evaluator.update(await readFile(path, 'utf8'))
  const reread = (): void =>
    void read().catch((error: unknown) => onProblem(`${path} was not read: ${textOfError(error)}`))
  return {
    metadata: { name: 'flag-file' },
    runsOn: 'server',
    async initialize() {
      watchFile(path, { interval: everyMs, persistent: false }, reread)
      await read()
    },
    onClose() {
      unwatchFile(path, reread)
      return Promise.resolve()
    },
    ...resolving(evaluator.resolve),
  }
}
