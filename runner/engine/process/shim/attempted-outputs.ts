import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { memoryFolder } from '../processes.ts'
import { redactText } from '../redact/redact.ts'
import { readOutputFile } from './output-file.ts'
import { attemptFile, attemptFiles } from './protocol.ts'
import type { Attempt } from './protocol.ts'

interface AttemptedOutputs {
  /** The path the step knows as $RUNBOOK_OUTPUT. */
  path: string
  /** Puts what is there where the runner reads it. Throws where that cannot be read. */
  keep(): void
  discard(): void
}

/** Where a step writes its outputs: as they are when there is no secret among its values, else redacted at its end. */
export function attemptedOutputs({ base, secrets }: Attempt): AttemptedOutputs {
  const kept = attemptFile(base, attemptFiles.outputs)
  if (secrets.length === 0) return { path: owned(kept), keep() {}, discard() {} }
  const memory = outputsFolder(base)
  if (memory) mkdirSync(memory, { mode: 0o700 })
  const path = memory ? join(memory, attemptFiles.outputs) : `${kept}.raw`
  const discard = (): void => rmSync(memory ?? path, { recursive: true, force: true })
  return {
    path: owned(path),
    keep() {
      try {
        const read = readOutputFile(path)
        if (!read.ok) throw new Error(`the output file ${read.problem.message}`)
        if (read.value !== undefined) writeFileSync(kept, redactText(read.value, secrets), { mode: 0o600 })
      } finally {
        discard()
      }
    },
    discard,
  }
}

/** The path of a file that only its owner reads, whatever the umask of the step is. */
export function owned(path: string): string {
  closeSync(openSync(path, 'a', 0o600))
  return path
}

/**
 * What a step writes to $RUNBOOK_OUTPUT may be a secret, so it is kept in memory until it is redacted. Undefined
 * where the system has no such place; then it is on the disk until the step has ended.
 */
export function outputsFolder(base: string): string | undefined {
  // Few steps have secrets, and this takes longer to load than all else that starts a step.
  const { createHash } = process.getBuiltinModule('node:crypto')
  const name = createHash('sha256').update(base).digest('hex').slice(0, 24)
  const memory = memoryFolder()
  return memory === undefined ? undefined : join(memory, `runbook-${name}`)
}
